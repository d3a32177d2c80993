"""The cost of a load for a server: CPU time and memory of its processes."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Load:
    """The results of a client. Times are in seconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Result:
    """The results of a server. Times are in seconds, memory in bytes.

    `rates` are the requests a second of each run.
    """

    requests: int
    per_second: float
    rates: tuple[float, ...]
    p50: float
    p99: float
    cpu_per_request: float
    peak_memory: int
    memory_growth: int
    errors: int


@dataclass(frozen=True)
class Run:
    """One run; `memory_growth` is the difference of the peak and the memory before."""

    load: Load
    cpu: float
    peak_memory: int
    memory_growth: int


def measured(pid: int, load: Callable[[], Load]) -> Run:
    """Put the load on the server with this main process."""
    processes = _tree(pid)
    for process in processes:
        _forget_peak(process)
    resident = sum(map(_peak, processes))
    before = _cpu(processes)
    seen = load()
    processes = _tree(pid)
    peak = sum(map(_peak, processes))
    return Run(seen, _cpu(processes) - before, peak, peak - resident)


class LoadFailed(Exception):
    """Too many requests failed."""


def combine(runs: Sequence[Run]) -> Result:
    """Return the result of several runs of one load.

    It has the mean of p50, and the largest p99 and memories. Raises LoadFailed if more
    than one request in a hundred failed: errors are answered quickly.
    """
    requests = sum(run.load.requests for run in runs)
    errors = sum(run.load.errors for run in runs)
    if not requests or errors * 100 > requests:
        raise LoadFailed(f"{errors} errors, {requests} requests")
    return Result(
        requests=requests,
        per_second=requests / sum(run.load.seconds for run in runs),
        rates=tuple(run.load.requests / run.load.seconds for run in runs),
        p50=sum(run.load.p50 for run in runs) / len(runs),
        p99=max(run.load.p99 for run in runs),
        cpu_per_request=sum(run.cpu for run in runs) / requests,
        peak_memory=max(run.peak_memory for run in runs),
        memory_growth=max(run.memory_growth for run in runs),
        errors=errors,
    )


def percentile(sorted_values: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of the values do not exceed."""
    if not sorted_values:
        return 0.0
    rank = -(-len(sorted_values) * percent // 100)
    return sorted_values[max(int(rank), 1) - 1]


def _tree(pid: int) -> list[psutil.Process]:
    main = psutil.Process(pid)
    return [main, *main.children(recursive=True)]


def _cpu(processes: Sequence[psutil.Process]) -> float:
    """Return the CPU seconds so far, including those of workers that have ended."""
    return sum(sum(process.cpu_times()[:4]) for process in processes)


def _forget_peak(process: psutil.Process) -> None:
    # proc(5), clear_refs: 5 resets the peak to the memory that is resident now.
    with suppress(OSError):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def _peak(process: psutil.Process) -> int:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
