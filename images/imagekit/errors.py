"""Errors of the storage."""

import math
from typing import Any

# Seconds. ImageKit resets its limits each minute; a longer wait is a mistake or a lie.
LONGEST_RETRY_AFTER = 3600.0


class StorageError(Exception):
    """Base of all errors of ImageKitStorage."""


class StorageFileNotFound(StorageError, FileNotFoundError):
    """ImageKit says that the file does not exist (status 404 only)."""


class StorageRejected(StorageError):
    """ImageKit refuses the request because of keys, quota or a bad parameter.

    A retry does not help until an operator has changed something.
    """


class StorageMisplaced(StorageRejected):
    """ImageKit has stored the file outside the storage's location.

    `stored_name` names it for a deletion.
    """

    def __init__(self, path: str, stored_name: str) -> None:
        super().__init__(
            f"ImageKit has stored the file outside the configured folder, as {path}."
        )
        self.stored_name = stored_name


class StorageUntransformable(StorageRejected):
    """ImageKit cannot transform the file: it is damaged, or over ImageKit's limits."""


class StorageUnavailable(StorageError):
    """ImageKit is down, too slow, or answered with garbage.

    It may or may not have carried out the request. `retry_after` is the number of
    seconds to wait before a retry: 0 to an hour, whatever the caller gives.
    """

    def __init__(self, *args: Any, retry_after: float | None = None) -> None:
        super().__init__(*args)
        if retry_after is None or math.isnan(retry_after):
            retry_after = 10.0
        self.retry_after = min(max(retry_after, 0.0), LONGEST_RETRY_AFTER)


class StorageRateLimited(StorageUnavailable):
    """ImageKit limits the rate of requests; `retry_after` is from its answer."""
