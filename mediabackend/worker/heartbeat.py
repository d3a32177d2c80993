"""The row by which others see that this worker runs."""

import socket
import uuid
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from mediabackend import __version__
from mediabackend.models import Worker


class Heartbeat:
    """Writes the row of this process."""

    def __init__(self) -> None:
        self._id = uuid.uuid4()
        self._facts = {
            "host": socket.gethostname()[:255],
            "version": __version__,
            "started_at": timezone.now(),
        }

    def write(self, steps: dict[str, Any], *, stopped: bool = False) -> None:
        """Note that this worker runs, or that it stops.

        A broken connection is replaced. Raises DatabaseError or InterfaceError when the
        database does not answer.
        """
        close_old_connections()
        now = timezone.now()
        news = {"seen_at": now, "stopped_at": now if stopped else None, "steps": steps}
        if not Worker.objects.filter(pk=self._id).update(**news):
            # The first time, or somebody has deleted the row.
            Worker.objects.create(pk=self._id, **self._facts, **news)
