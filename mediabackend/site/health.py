"""`/healthz` and `/readyz`, for load balancers and for the landing page."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from images.outbox.state import outbox_state
from mediabackend import __version__
from mediabackend.models import Worker
from mediabackend.status.checks import run_checks


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 and the version while the process serves requests."""
    return JsonResponse({"status": "ok", "version": __version__})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when requests can be served, else 503 with the failing part.

    The age of the oldest pending deletion, the number of purges that wait for the
    next month's budget, and the seconds since a worker was seen (null if none ever was)
    are only information: they delay no request.
    """
    results = run_checks()
    ready = all(succeeded for succeeded, _ in results.values())
    body: dict[str, object] = {
        "status": "ok" if ready else "failing",
        "checks": {name: result for name, (_, result) in results.items()},
    }
    if ready:
        outbox = outbox_state()
        body["oldest_pending_deletion_seconds"] = round(outbox.oldest_seconds)
        body["waiting_purges"] = outbox.waiting
        seen = Worker.objects.last_seen()
        body["worker_seen_seconds"] = (
            round((timezone.now() - seen).total_seconds()) if seen else None
        )
    return JsonResponse(body, status=200 if ready else 503)
