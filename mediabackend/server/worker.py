"""gunicorn's threaded worker, with fewer detours for connections that are kept."""

import select
import socket
import time
from collections import deque
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# Seconds. Somebody who opens a connection waits for so long at most.
_LONGEST = 0.001
# Milliseconds that a thread waits for the next request of a connection.
_STAY = 5


class BalancedWorker(ThreadWorker):
    """Leaves a new connection to the worker that has fewer of them, and stays with it.

    All workers of an instance hear of a new connection at once, and the first to
    take it keeps it as long as it is kept alive. The one that was quicker once
    often is again: of sixteen it took up to all, and half of the cores had nothing
    to do.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Connections that no thread has taken yet.
        self._queued: deque[Any] = deque()

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to the threads."""
        self._queued.append(conn)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Answer a request, and those that follow at once on its connection.

        By way of the main loop each would take two changes of threads: a tenth of
        all that a small one costs.
        """
        self._queued.popleft()
        while (kept := super().handle(conn)) is True and self._asks_again(conn):
            pass
        return kept

    def _asks_again(self, conn: Any) -> bool:
        """Wait for a moment, unless others wait for a thread."""
        if not self.alive or self._queued:
            return False
        poll = select.poll()
        poll.register(conn.sock, select.POLLIN)
        return bool(poll.poll(_STAY))

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, the later the more there are here."""
        share = self.nr_conns / (self.nr_conns + self.cfg.threads)
        if share:
            time.sleep(_LONGEST * share)
        # Nothing happens when another worker has been faster.
        super().accept(listener)
