"""Checks of the parts that requests need."""

import logging
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection

from images.outbox.models import PendingDeletion

logger = logging.getLogger(__name__)


def check_database() -> str:
    """Return the database's vendor; raises when it does not answer or has no tables."""
    PendingDeletion.objects.exists()
    return connection.vendor


def check_cache() -> str:
    """Return the backend's name; raises when the cache does not keep a value."""
    key, value = f"readyz-{uuid.uuid4().hex}", uuid.uuid4().hex
    cache.set(key, value, timeout=10)
    if cache.get(key) != value:
        raise RuntimeError("The cache did not return what was stored.")
    cache.delete(key)
    return settings.CACHES["default"]["BACKEND"].rpartition(".")[2]


def check_storage() -> str:
    """Return the kind of storage; raises when its options are wrong.

    This sends nothing to ImageKit; `manage.py check_imagekit` does.
    """
    default_storage.url("x")
    return "emulator" if settings.IMAGEKIT_EMULATOR else "ImageKit"


CHECKS: dict[str, Callable[[], str]] = {
    "database": check_database,
    "cache": check_cache,
    "storage": check_storage,
}


def run_checks() -> dict[str, tuple[bool, str]]:
    """Run every check: its name -> (whether it succeeded, its result)."""
    results = {}
    for name, check in CHECKS.items():
        try:
            results[name] = (True, check())
        except Exception:
            # Any failure means "not ready". The cause is written to the log only, as it
            # may contain host names.
            logger.exception("The %s check failed.", name)
            results[name] = (False, "failing")
    return results
