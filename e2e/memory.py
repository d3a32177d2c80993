"""How much memory and disk a server takes while something is going on."""

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
    """By how many bytes memory and disk grew, at the worst moment."""

    memory: int = 0
    disk: int = 0


@contextmanager
def watch(server: Server) -> Iterator[Growth]:
    """Sample the resident memory of all processes, and the server's folder."""
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
    """Sample by how many bytes the memory of each process grows, by its id."""
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
    """Call `sample` all the time, in a thread of its own, and once at the end."""
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
