"""What a load costs the server: CPU time and memory of all its processes."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Load:
    """What a client saw. Times in seconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Result:
    """What a server did under a load. Times in seconds, memory in bytes.

    `rates` are requests a second, one for each run.
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
    """`memory_growth` is from what was resident before the load to the peak."""

    load: Load
    cpu: float
    peak_memory: int
    memory_growth: int


def measured(pid: int, load: Callable[[], Load]) -> Run:
    """Put the load on the server whose main process this is."""
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
    """So many requests failed that the others say nothing."""


def combine(runs: Sequence[Run]) -> Result:
    """Return what several runs of one load say together.

    Of p50 the mean, of p99 and of both memories the worst. Raises LoadFailed when
    more than one request in a hundred failed: errors are quick answers.
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
    """Return the smallest value that so many percent of the values do not exceed."""
    if not sorted_values:
        return 0.0
    rank = -(-len(sorted_values) * percent // 100)
    return sorted_values[max(int(rank), 1) - 1]


def _tree(pid: int) -> list[psutil.Process]:
    main = psutil.Process(pid)
    return [main, *main.children(recursive=True)]


def _cpu(processes: Sequence[psutil.Process]) -> float:
    """Return the CPU seconds so far, those of workers that have ended included."""
    return sum(sum(process.cpu_times()[:4]) for process in processes)


def _forget_peak(process: psutil.Process) -> None:
    # proc(5), clear_refs: 5 sets the peak back to what is resident now.
    with suppress(OSError):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def _peak(process: psutil.Process) -> int:
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
