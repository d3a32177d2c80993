"""What `reconcile_files` finds: counts, examples, and what is left to act upon."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from types import TracebackType
from typing import Any, Self

# Below this many, a share says nothing: two of twenty files are not a disaster.
ALWAYS_ALLOWED = 10
_EXAMPLES = 100
_SPOOL_BYTES = 1024 * 1024


class FindingKind(StrEnum):
    ORPHANS = "orphans"
    MISSING = "missing"
    FOUND_AGAIN = "found_again"
    SIZES = "sizes"
    DISPLACED = "displaced"
    COUNTS = "counts"

    @property
    def only_reported(self) -> bool:
        """Say whether a person has to decide what is right."""
        return self in (FindingKind.SIZES, FindingKind.DISPLACED)


@dataclass
class Finding:
    """All findings of one kind. `refused` says why `--fix` left them."""

    count: int = 0
    fixed: int | None = None
    refused: str = ""
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, **example: Any) -> None:
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)

    def remains(self) -> bool:
        """Say whether there is something that was not put right."""
        return self.count > 0 and self.fixed is None


@dataclass
class ReconciliationReport:
    """The outcome of one run."""

    remote_files: int = 0
    rows: int = 0
    marked_missing: int = 0
    unchecked: int = 0
    """Rows that were not looked up, as too many others were missing already."""
    findings: dict[FindingKind, Finding] = field(
        default_factory=lambda: {kind: Finding() for kind in FindingKind}
    )
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not any(finding.remains() for finding in self.findings.values())


class Spool:
    """Tuples of text for later, on disk beyond a megabyte: no memory is enough."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            max_size=_SPOOL_BYTES, mode="w+", encoding="utf-8"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, *texts: str) -> None:
        self._file.write(json.dumps(texts) + "\n")

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Yield everything that was added; add nothing while this runs."""
        self._file.seek(0)
        lines = iter(self._file)
        while batch := [json.loads(line) for line in islice(lines, size)]:
            yield batch


def allowed(share: float, total: int) -> int:
    """Return how many of `total` may be repaired without `--force`."""
    return max(ALWAYS_ALLOWED, int(share * total))
