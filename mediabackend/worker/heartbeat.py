"""The row by which others see that this worker runs."""

import socket
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from mediabackend import __version__
from mediabackend.models import Worker


class Heartbeat:
    """Writes the row of this process."""

    def __init__(self) -> None:
        self._row = Worker(host=socket.gethostname()[:255], version=__version__)

    def write(self, steps: dict[str, Any], *, stopped: bool = False) -> None:
        """Note that this worker is running, or that it stops; raises DatabaseError.

        Opens a new connection when the old one is broken.
        """
        close_old_connections()
        now = timezone.now()
        self._row.seen_at, self._row.steps = now, steps
        self._row.stopped_at = now if stopped else None
        changed = {
            name: getattr(self._row, name) for name in ("seen_at", "stopped_at", "steps")
        }
        # There is no row yet, or somebody has deleted it.
        if not Worker.objects.filter(pk=self._row.pk).update(**changed):
            self._row.save(force_insert=True)
