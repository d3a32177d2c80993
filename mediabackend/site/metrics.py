"""`/metrics`, for Prometheus; docs/monitoring.md describes what it tells."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from mediabackend.http.client_ip import client_ip, is_inside
from mediabackend.http.error_responses import page_not_found
from mediabackend.site.database_metrics import DatabaseCollector
from mediabackend.telemetry.counters import REGISTRY

# Columns of /proc/<pid>/statm, see proc(5).
_RESIDENT = 1


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


class MemoryCollector(Collector):
    """Tells the resident memory of each worker, as far as the system has /proc."""

    def __init__(self, folder: str | None) -> None:
        self._folder = folder

    def collect(self) -> Iterator[Metric]:
        memory = GaugeMetricFamily(
            "mediabackend_process_resident_memory_bytes",
            "Resident memory of a web process.",
            labels=["worker"],
        )
        for worker, pid in self._workers():
            # It may have ended just now.
            with suppress(OSError):
                memory.add_metric([worker], _resident_bytes(pid))
        yield memory

    def _workers(self) -> Iterator[tuple[str, int]]:
        if self._folder is None:
            yield "0", os.getpid()
            return
        # gunicorn.conf.py writes them.
        for file in sorted(Path(self._folder).glob("*.pid")):
            with suppress(OSError, ValueError):
                yield file.stem, int(file.read_text())


def _resident_bytes(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[_RESIDENT]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
