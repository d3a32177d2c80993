"""The queue of background tasks in the database: run them, and delete old results."""

import os
import socket
from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from django_tasks_db import DatabaseBackend
from django_tasks_db.compat import DEFAULT_TASK_BACKEND_ALIAS as BACKEND
from django_tasks_db.compat import TaskResultStatus, task_backends
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

# A task takes minutes at most.
_ABANDONED_AFTER = timedelta(minutes=15)
# After this, a task that kills each of its workers is not run again.
_TRIED_FOR = timedelta(days=1)


def run_task() -> int:
    """Run the next task of the queue; return how many were run: 1 or 0."""
    if not _has_queue():
        return 0
    worker = Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=1,
        batch=True,
        backend_name=BACKEND,
        startup_delay=False,
        max_tasks=1,
        worker_id=f"{socket.gethostname()}-{os.getpid()}"[:64],
    )
    worker.run()
    return worker._run_tasks


def requeue_abandoned() -> int:
    """Queue tasks again whose worker was killed; return how many there were."""
    now = timezone.now()
    return DBTaskResult.objects.filter(
        status=TaskResultStatus.RUNNING,
        started_at__lt=now - _ABANDONED_AFTER,
        enqueued_at__gt=now - _TRIED_FOR,
    ).update(status=TaskResultStatus.READY)


def prune_results() -> int:
    """Delete the results of tasks that ended more than two weeks ago."""
    if _has_queue():
        call_command("prune_db_task_results", "--queue-name=*", verbosity=0)
    return 0


def _has_queue() -> bool:
    """Say whether tasks wait in the database; with `immediate` none do."""
    return isinstance(task_backends[BACKEND], DatabaseBackend)
