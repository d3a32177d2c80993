"""The memory and disk that a server takes at most during some work."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from e2e.servers import Server

_EVERY_SECONDS = 0.005


@dataclass
class Growth:
    """The largest growth of memory and disk, in bytes."""

    memory: int = 0
    disk: int = 0


@contextmanager
def watch(server: Server) -> Iterator[Growth]:
    """Watch the memory of all processes together, and the server's folder."""
    processes = server.processes()
    memory, disk = _resident(processes), _folder_bytes(server.folder)
    growth = Growth()

    def sample() -> None:
        growth.memory = max(growth.memory, _resident(processes) - memory)
        growth.disk = max(growth.disk, _folder_bytes(server.folder) - disk)

    with _sampled(sample):
        yield growth


@contextmanager
def watch_each(server: Server) -> Iterator[dict[int, int]]:
    """Watch the memory of each process; yields the growth in bytes by process id."""
    processes = server.processes()
    before = {process.pid: _resident([process]) for process in processes}
    growth = dict.fromkeys(before, 0)

    def sample() -> None:
        for process in processes:
            grown = _resident([process]) - before[process.pid]
            growth[process.pid] = max(growth[process.pid], grown)

    with _sampled(sample):
        yield growth


@contextmanager
def _sampled(sample: Callable[[], None]) -> Iterator[None]:
    """Call `sample` again and again in a thread, and once at the end."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(_EVERY_SECONDS):
            sample()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        sample()


def _resident(processes: list[psutil.Process]) -> int:
    return sum(process.memory_info().rss for process in processes)


def _folder_bytes(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        # Temporary files come and go.
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
