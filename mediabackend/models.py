"""Models of background work: the workers, and the tasks that they run."""

import uuid
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

# A worker writes its row every few seconds, and `run_worker --once` at each start. If
# none has for this long, none is running.
MISSING_AFTER = timedelta(minutes=10)


class WorkerState(NamedTuple):
    """When a worker was last seen, if ever, and whether that is too long ago."""

    last_seen: datetime | None
    is_missing: bool


class WorkerQuerySet(models.QuerySet["Worker"]):
    def last_seen(self) -> datetime | None:
        """Return when a worker was last seen; None if none ever was."""
        last: datetime | None = self.aggregate(last=models.Max("seen_at"))["last"]
        return last

    def state(self) -> "WorkerState":
        """Tell when a worker was last seen, and whether one is missing."""
        last = self.last_seen()
        recent = last is not None and last >= timezone.now() - MISSING_AFTER
        return WorkerState(last, is_missing=not recent)

    def running(self) -> "WorkerQuerySet":
        """Select the workers that have not ended and were seen of late."""
        recently = timezone.now() - MISSING_AFTER
        return self.filter(stopped_at=None, seen_at__gte=recently)


class Worker(models.Model):
    """A process of `manage.py run_worker`, which writes this row every few seconds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=255)
    version = models.CharField(max_length=50)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    stopped_at = models.DateTimeField(null=True)
    steps = models.JSONField(
        default=dict,
        help_text="By the name of a step: when it last succeeded (done_at), how many "
        "times in a row it has failed since (failures), and the last error.",
    )

    objects = WorkerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.host} {self.pk}"


class BackgroundTask(DBTaskResult):
    """The name of a task's row in the admin."""

    class Meta:
        proxy = True
        verbose_name = "background task"
