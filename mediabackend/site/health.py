"""`/healthz` and `/readyz`, for load balancers and for the landing page."""

import logging
import uuid
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from images.outbox.deletion import oldest_pending
from images.outbox.models import PendingDeletion
from images.outbox.purges import number_waiting
from mediabackend import __version__

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


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 and the version while the process serves requests."""
    return JsonResponse({"status": "ok", "version": __version__})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when requests can be served, else 503 with the failing part.

    The age of the oldest pending deletion and the number of purges that wait for the
    next month's budget are only information: they delay no request.
    """
    results = run_checks()
    ready = all(succeeded for succeeded, _ in results.values())
    body: dict[str, object] = {
        "status": "ok" if ready else "failing",
        "checks": {name: result for name, (_, result) in results.items()},
    }
    if ready:
        oldest = oldest_pending()
        body["oldest_pending_deletion_seconds"] = (
            round(oldest.total_seconds()) if oldest else 0
        )
        body["waiting_purges"] = number_waiting()
    return JsonResponse(body, status=200 if ready else 503)
