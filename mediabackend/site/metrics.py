"""`/metrics`, for Prometheus; docs/monitoring.md describes what it tells."""

import os

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector

from mediabackend.http.client_ip import client_ip, is_inside
from mediabackend.http.error_responses import page_not_found
from mediabackend.site.database_metrics import DatabaseCollector
from mediabackend.site.process_metrics import MemoryCollector
from mediabackend.telemetry.counters import REGISTRY


# Otherwise a POST from elsewhere would be answered unlike one to an unknown path.
@csrf_exempt
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all metrics, or like an unknown path to whom they do not concern."""
    if not may_read(request):
        return page_not_found(request, Http404())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(_registry()), content_type=content_type)


def may_read(request: HttpRequest) -> bool:
    """Say whether the request has METRICS_TOKEN, or comes from an allowed network."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    expected = settings.METRICS_TOKEN
    is_known = constant_time_compare(token.strip(), expected)
    if expected and is_known and scheme.lower() == "bearer":
        return True
    # A client without an IP address (a Unix socket without a proxy) is in no network.
    return is_inside(client_ip(request) or "", settings.METRICS_ALLOWED_NETWORKS)


def _registry() -> CollectorRegistry:
    """Return the metrics of all processes that share a folder, or of this one."""
    registry = CollectorRegistry()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        MultiProcessCollector(registry, folder)
    else:
        registry.register(REGISTRY)
    registry.register(MemoryCollector(folder))
    registry.register(DatabaseCollector())
    return registry
