"""The configuration of the emulated account."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class EmulatorConfig:
    """The keys, the folder and the endpoint of the account.

    `url_endpoint` is the base of the URLs in answers, and ends with the id of the
    account. It is absolute, or only a path when the emulator is mounted in another
    site. A purge is "Pending" for the first `purge_pending_polls` polls.
    """

    root: Path
    private_key: str
    public_key: str
    url_endpoint: str = "http://127.0.0.1:8001/demo"
    purge_pending_polls: int = 1

    @property
    def imagekit_id(self) -> str:
        return self.url_endpoint.rpartition("/")[2]
