"""The result of an import: counts, and a list of problems."""

import csv
from collections import Counter
from enum import Enum
from typing import IO, Any

_EXAMPLES = 20


class Problem(Enum):
    """Kinds of problems; the names are printed, and what they mean."""

    EMAIL_INVALID = "users whose email no account can have; not imported"
    SAME_EMAIL = "users with the same email, but for upper and lower case"
    EMAIL_TAKEN = "users whose email has an account here; not imported"
    NO_PASSWORD = "users without a bcrypt hash; they need a new password"  # noqa: S105  # nosec B105
    NO_ACCOUNT = "images whose user is not imported; not imported"
    NO_REMOTE_FILE = "images without a remote file; not imported"
    FILE_REFUSED = "images whose file is refused; not imported"
    FILE_SHARED = "images that share the file of another; not imported"
    CAPTION_CHANGED = "images whose caption is cut or has control characters"
    FAILED = "images whose copy failed; run the import again"

    def __str__(self) -> str:
        return self.name.lower()


class Report:
    """Counts by name, and problems; `listing` is a CSV file for all of them."""

    def __init__(self, listing: IO[str] | None = None) -> None:
        self.counts: Counter[str] = Counter()
        self.problems: Counter[Problem] = Counter()
        self.examples: dict[Problem, list[str]] = {}
        self._writer: Any = csv.writer(listing) if listing else None
        if self._writer:
            self._writer.writerow(["problem", "row", "detail"])

    def add(self, problem: Problem, source: str, detail: str = "") -> None:
        self.problems[problem] += 1
        examples = self.examples.setdefault(problem, [])
        if len(examples) < _EXAMPLES:
            examples.append(f"{source}  {detail}".rstrip())
        if self._writer:
            self._writer.writerow([problem, source, detail])
