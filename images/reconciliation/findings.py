"""Findings of `reconcile_files`: counts, examples, and data for the repairs."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Any

# A share of a small number means little: two of twenty files are no disaster.
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


@dataclass
class Finding:
    """All findings of one kind. `refused` is why `--fix` does not repair them."""

    count: int = 0
    fixed: int | None = None
    refused: str = ""
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, **example: Any) -> None:
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)


@dataclass
class ReconciliationReport:
    """The result of one run."""

    remote_files: int = 0
    rows: int = 0
    marked_missing: int = 0
    unchecked: int = 0
    """Rows that were not looked up, as too many others are missing."""
    findings: dict[FindingKind, Finding] = field(
        default_factory=lambda: {kind: Finding() for kind in FindingKind}
    )
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether nothing was found, or all was repaired."""
        return not any(f.count and f.fixed is None for f in self.findings.values())


class Spool:
    """A list of tuples of text that is kept on disk if it exceeds a megabyte."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            max_size=_SPOOL_BYTES, mode="w+", encoding="utf-8"
        )

    def close(self) -> None:
        self._file.close()

    def add(self, *texts: str) -> None:
        self._file.write(json.dumps(texts) + "\n")

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Yield all tuples in batches; nothing may be added meanwhile."""
        self._file.seek(0)
        lines = iter(self._file)
        while batch := [json.loads(line) for line in islice(lines, size)]:
            yield batch


def allowed(share: float, total: int) -> int:
    """Return how many of `total` may be repaired without `--force`."""
    return max(ALWAYS_ALLOWED, int(share * total))
