"""What can go wrong between us and ImageKit, as types."""

from typing import Any


class StorageError(Exception):
    """Base of all errors that ImageKitStorage raises on its own."""


class StorageFileNotFound(StorageError, FileNotFoundError):
    """The service says that the file does not exist (only a 404 does)."""


class StorageRejected(StorageError):
    """The service refuses the request: keys, quota, or a bad parameter.

    Trying again does not help until an operator has changed something.
    """


class StorageUnavailable(StorageError):
    """The service is down, slow, or answered with garbage.

    The request may or may not have been carried out. `retry_after` is how many
    seconds to wait before the next try.
    """

    default_retry_after = 10.0

    def __init__(self, *args: Any, retry_after: float | None = None) -> None:
        super().__init__(*args)
        self.retry_after = (
            self.default_retry_after if retry_after is None else retry_after
        )


class StorageRateLimited(StorageUnavailable):
    """The service limits our rate; `retry_after` is its `X-RateLimit-Reset`."""
