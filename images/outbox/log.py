"""One structured log line for each change at ImageKit."""

import logging
from typing import Any

logger = logging.getLogger("images.remote")


def log_remote(operation: str, name: str, result: str, **fields: Any) -> None:
    """Log that an upload, a deletion or a purge is `done` or has `failed`.

    With LOG_FORMAT=json each value is a field of its own.
    """
    level = logging.INFO if result == "done" else logging.WARNING
    details = {"operation": operation, "file": name, "result": result, **fields}
    logger.log(level, "remote %s %s: %s", operation, result, name, extra=details)
