"""The configuration of the emulated account."""

from dataclasses import dataclass
from pathlib import Path

# Switches of an account, and ways in which one may differ from the documentation.
TRAITS = {
    "restrict_unsigned": "every delivery URL needs a signature",
    "restrict_unnamed": "only named transformations are delivered",
    "refuse_expiry": "signed URLs that expire are refused",
    "ignore_private": "isPrivateFile has no effect",
    "ignore_checks": "checks have no effect",
    "flatten_animations": "a pre-transformation keeps one frame",
    "keep_deleted": "deletions have no effect",
    "fold_names": "lists are sorted by name without regard to case",
    "no_search_by_id": "searches refuse the field id",
    "no_search_below_path": "searches refuse path with the operator ':'",
    "no_search_groups": "searches refuse AND and OR",
}


@dataclass(frozen=True)
class EmulatorConfig:
    """The keys, the folder and the endpoint of the account.

    `url_endpoint` is the base of the URLs in answers, and ends with the id of the
    account. It is absolute, or only a path when the emulator is mounted in another
    site. A purge is "Pending" for the first `purge_pending_polls` polls. `traits` are
    names of `TRAITS`.
    """

    root: Path
    private_key: str
    public_key: str
    url_endpoint: str = "http://127.0.0.1:8001/demo"
    purge_pending_polls: int = 1
    traits: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if unknown := self.traits - set(TRAITS):
            raise ValueError(f"Unknown traits of the account: {sorted(unknown)}")

    @property
    def imagekit_id(self) -> str:
        return self.url_endpoint.rpartition("/")[2]
