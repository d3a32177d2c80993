"""gunicorn's threaded worker, faster for connections that are kept alive."""

import select
import socket
import time
from collections import deque
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# The longest time in seconds that a new connection waits.
_LONGEST = 0.001
# The time in milliseconds that a thread waits for the next request of a connection.
_STAY = 5


class BalancedWorker(ThreadWorker):
    """Spreads connections evenly over the workers, and answers them in one thread.

    All workers of an instance are told of a new connection at once. The first to accept
    it keeps it until it is closed. Without a delay one worker may accept nearly all of
    them, while the cores of the others are idle.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Connections that wait for a thread.
        self._queued: deque[Any] = deque()

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to the threads."""
        self._queued.append(conn)
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Answer a request, and the next ones if they follow at once.

        The main loop would need two changes of threads for each, which is a tenth of
        the time of a small request.
        """
        self._queued.popleft()
        while (kept := super().handle(conn)) is True and self._asks_again(conn):
            pass
        return kept

    def _asks_again(self, conn: Any) -> bool:
        """Wait a moment for the next request, unless connections wait for a thread."""
        if not self.alive or self._queued:
            return False
        poll = select.poll()
        poll.register(conn.sock, select.POLLIN)
        return bool(poll.poll(_STAY))

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, after a delay that grows with their number here."""
        share = self.nr_conns / (self.nr_conns + self.cfg.threads)
        if share:
            time.sleep(_LONGEST * share)
        # This does nothing when another worker was faster.
        super().accept(listener)
