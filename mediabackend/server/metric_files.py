"""Files by which all workers of gunicorn have common metrics.

The worker that answers `/metrics` adds up what all have written. gunicorn's main
process imports this module: it must not import Django or the rest of the project.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess, values

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def make_folder(server: Any) -> None:
    """Make a folder for this gunicorn; the environment may name another one."""
    server.metrics_folder = os.environ.get(_VARIABLE, "")
    server.metrics_folder_is_ours = not server.metrics_folder
    if server.metrics_folder_is_ours:
        server.metrics_folder = tempfile.mkdtemp(prefix="mediabackend-metrics-")


def remove_folder(server: Any) -> None:
    """Remove the folder that `make_folder` made."""
    if server.metrics_folder_is_ours:
        shutil.rmtree(server.metrics_folder, ignore_errors=True)


def number_worker(server: Any, worker: Any) -> None:
    """Give a new worker the lowest number that no running one has.

    By the process id, each worker would leave files behind that are read for ever.
    """
    taken = {other.metrics_number for other in server.WORKERS.values()}
    worker.metrics_number = next(n for n in range(len(taken) + 1) if n not in taken)


def use_folder(server: Any, worker: Any) -> None:
    """Have this worker write its metrics to the folder."""
    os.environ[_VARIABLE] = server.metrics_folder
    values.ValueClass = values.MultiProcessValue(lambda: worker.metrics_number)
    _pid_file(server, worker).write_text(str(worker.pid))


def forget_worker(server: Any, worker: Any) -> None:
    """Drop the gauges of a worker that has ended; its counts stay."""
    multiprocess.mark_process_dead(worker.metrics_number, server.metrics_folder)
    _pid_file(server, worker).unlink(missing_ok=True)


def _pid_file(server: Any, worker: Any) -> Path:
    return Path(server.metrics_folder) / f"{worker.metrics_number}.pid"
