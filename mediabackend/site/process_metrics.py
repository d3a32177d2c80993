"""Memory of the web processes."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

# Columns of /proc/<pid>/statm, see proc(5).
_RESIDENT = 1


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
