"""gunicorn's threaded worker, with its share of the connections and no more."""

import socket
import time

from gunicorn.workers.gthread import ThreadWorker

# Seconds. Somebody who opens a connection waits for so long at most.
_LONGEST = 0.001


class BalancedWorker(ThreadWorker):
    """Leaves a new connection to the worker that has fewer of them.

    All workers of an instance hear of a new connection at once, and the first to
    take it keeps it as long as it is kept alive. The one that was quicker once
    often is again: of sixteen it took up to all, and half of the cores had nothing
    to do.
    """

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, the later the more there are here."""
        share = self.nr_conns / (self.nr_conns + self.cfg.threads)
        if share:
            time.sleep(_LONGEST * share)
        # Nothing happens when another worker has been faster.
        super().accept(listener)
