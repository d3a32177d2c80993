"""Run the steps of a worker, each at its own pace, until it is asked to end."""

import logging
import random
import signal
import socket
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Any

from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
)
from django.utils import timezone

from mediabackend import __version__
from mediabackend.models import Worker
from mediabackend.worker.steps import Step

logger = logging.getLogger("mediabackend.worker")

_BEAT_EVERY = 10.0
# Seconds, doubled after each failure.
_FIRST_RETRY = 1.0
_LAST_RETRY = 3600.0
_LAST_DATABASE_RETRY = 15.0
# Sleeps are this short because a signal does not end them.
_SLICE = 0.25
# The second is raised for a connection that is closed.
_OUTAGES = (DatabaseError, InterfaceError)


class Stop:
    """Whether the process was asked to end."""

    def __init__(self) -> None:
        self.asked = False

    def sleep(self, seconds: float) -> None:
        """Wait for this time, or until the process is asked to end."""
        end = time.monotonic() + seconds
        while not self.asked and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _SLICE))


@contextmanager
def listening_to_signals() -> Iterator[Stop]:
    """Let SIGTERM and Ctrl-C ask the process to end; the second one ends it at once."""
    stop = Stop()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.asked = True
        signal.signal(number, signal.SIG_DFL)

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class _Scheduled:
    """A step, when it is due, and how it went."""

    step: Step
    due: float = 0.0
    done: int = 0
    done_at: datetime | None = None
    failures: int = 0
    error: str = ""

    def succeed(self, done: int, wait: float) -> None:
        """Make the step due at once if there may be more to do, or else at its pace."""
        self.done += done
        self.failures, self.error, self.done_at = 0, "", timezone.now()
        self.due = time.monotonic()
        if not done or wait:
            # Random, so that workers that start together do not stay together.
            pace = self.step.every * random.uniform(0.9, 1.1)  # noqa: S311  # nosec B311
            self.due += max(pace, wait)
            if self.done:
                logger.info("%s: %d done", self.step.name, self.done)
            self.done = 0

    def fail(self, error: Exception) -> None:
        """Note the failure; the next try comes later after each one."""
        delay = min(_FIRST_RETRY * 2 ** min(self.failures, 20), _LAST_RETRY)
        self.failures += 1
        self.error = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
        self.due = time.monotonic() + delay
        # An outage needs no traceback.
        outage = isinstance(error, OperationalError | InterfaceError)
        text = "The step '%s' failed; the next try is in %d s: %s"
        parts = (self.step.name, round(delay), self.error)
        logger.error(text, *parts, exc_info=None if outage else error)

    def report(self) -> dict[str, Any]:
        done_at = self.done_at and self.done_at.isoformat()
        return {"done_at": done_at, "failures": self.failures, "error": self.error}


class Loop:
    """The rounds of one worker. Any number of workers may run."""

    def __init__(self, steps: Sequence[Step], stop: Stop) -> None:
        self._stop = stop
        self._scheduled = [_Scheduled(step) for step in steps]
        self._id = uuid.uuid4()
        self._facts = {
            "host": socket.gethostname()[:255],
            "version": __version__,
            "started_at": timezone.now(),
        }
        self._next_beat = 0.0

    def run(self) -> None:
        """Run the steps until the process is asked to end."""
        logger.info("The worker runs.")
        while not self._stop.asked:
            try:
                self._go_on()
            except _OUTAGES as error:
                self._wait_for_database(error)
        try:
            self._beat(stopped=True)
        except _OUTAGES as error:
            logger.warning("The end of the worker was not noted: %s", error)
        logger.info("The worker has ended.")

    def run_once(self) -> list[str]:
        """Run each step until it finds nothing to do; return those that failed.

        Raises DatabaseError or InterfaceError when the database does not answer.
        """
        self._beat()
        for scheduled in self._scheduled:
            while not self._stop.asked and scheduled.due <= time.monotonic():
                self._run(scheduled)
        self._beat(stopped=True)
        return [one.step.name for one in self._scheduled if one.failures]

    def _go_on(self) -> None:
        """Do what is due, or wait for it: a heartbeat, or the longest overdue step."""
        now = time.monotonic()
        scheduled = min(self._scheduled, key=lambda one: one.due)
        if self._next_beat <= now:
            self._beat()
        elif scheduled.due <= now:
            self._run(scheduled)
        else:
            self._stop.sleep(min(scheduled.due, self._next_beat) - now)

    def _run(self, scheduled: _Scheduled) -> None:
        # A connection that broke meanwhile is replaced.
        close_old_connections()
        try:
            outcome = scheduled.step.run()
        except Exception as error:
            # Raises when the database is away: then the step is not to blame.
            self._beat()
            # Whatever went wrong, the other steps go on.
            scheduled.fail(error)
        else:
            scheduled.succeed(outcome.done, outcome.wait)

    def _beat(self, *, stopped: bool = False) -> None:
        """Write in the row of this worker that it runs, or that it stops.

        A broken connection is replaced. Raises DatabaseError or InterfaceError when the
        database does not answer.
        """
        close_old_connections()
        now = timezone.now()
        steps = {one.step.name: one.report() for one in self._scheduled}
        news = {"seen_at": now, "stopped_at": now if stopped else None, "steps": steps}
        if not Worker.objects.filter(pk=self._id).update(**news):
            # The first time, or somebody has deleted the row.
            Worker.objects.create(pk=self._id, **self._facts, **news)
        self._next_beat = time.monotonic() + _BEAT_EVERY

    def _wait_for_database(self, error: Exception) -> None:
        text = "The database does not work; the worker waits for it: %s"
        logger.error(text, " ".join(str(error).split()))
        pause = _FIRST_RETRY
        while not self._stop.asked:
            self._stop.sleep(pause)
            pause = min(2 * pause, _LAST_DATABASE_RETRY)
            with suppress(*_OUTAGES):
                self._beat()
                logger.info("The database works again.")
                return
