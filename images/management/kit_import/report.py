"""The result of an import: counts, and a list of problems."""

import csv
from collections import Counter
from enum import StrEnum
from typing import IO, Any

_EXAMPLES = 20


class Problem(StrEnum):
    """Kinds of problems; the values are printed."""

    EMAIL_INVALID = "email_invalid"
    SAME_EMAIL = "same_email"
    EMAIL_TAKEN = "email_taken"
    NO_PASSWORD = "no_password"  # noqa: S105  # nosec B105
    NO_ACCOUNT = "no_account"
    NO_REMOTE_FILE = "no_remote_file"
    FILE_REFUSED = "file_refused"
    FILE_SHARED = "file_shared"
    CAPTION_CHANGED = "caption_changed"
    FAILED = "failed"


MEANINGS = {
    Problem.EMAIL_INVALID: "users whose email no account can have; not imported",
    Problem.SAME_EMAIL: "users with the same email, but for upper and lower case",
    Problem.EMAIL_TAKEN: "users whose email has an account here; not imported",
    Problem.NO_PASSWORD: "users without a bcrypt hash; they need a new password",
    Problem.NO_ACCOUNT: "images whose user is not imported; not imported",
    Problem.NO_REMOTE_FILE: "images without a remote file; not imported",
    Problem.FILE_REFUSED: "images whose file is refused; not imported",
    Problem.FILE_SHARED: "images that share the file of another; not imported",
    Problem.CAPTION_CHANGED: "images whose caption is cut or has control characters",
    Problem.FAILED: "images whose copy failed; run the import again",
}


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
            self._writer.writerow([problem.value, source, detail])
