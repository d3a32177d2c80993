"""gunicorn's threaded worker, for many connections that are kept or slow."""

import selectors
import socket
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# Seconds that the head of a request may take.
HEAD_SECONDS = 20.0
# Bytes; gunicorn's own limits refuse longer heads.
_LONGEST_HEAD = 64 * 1024
# Seconds that a worker with many connections leaves a new one to the others.
_LONGEST_OFFER = 0.001


class WholeHeadWorker(ThreadWorker):
    """Gives only requests with a whole head to threads, and shares connections evenly.

    In gunicorn's own worker a thread waits for the head of a request. Here the main
    loop does, for 20 seconds at most: clients that send half a head, or nothing, take
    no thread.

    All workers hear of a new connection at once. gunicorn's own worker takes it as
    soon as it can, so one of them may have all connections for as long as they are
    kept, and the others nothing to do. Here the worker with fewer is quicker.
    """

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection; wait longer the more this worker has."""
        if self.nr_conns:
            share = self.nr_conns / (self.nr_conns + self.cfg.threads)
            time.sleep(_LONGEST_OFFER * share)
        # Nothing happens when another worker has been faster.
        super().accept(listener)

    def enqueue_req(self, conn: Any) -> None:
        """Give a connection to the threads, or wait for the rest of its head."""
        seen = None if self.cfg.is_ssl else _bytes_of_a_part(conn)
        if seen is None:
            conn.head_deadline = None
            conn.data_ready = True
            super().enqueue_req(conn)
        else:
            self._wait_for_more(conn, seen)

    def murder_pending(self) -> None:
        """Close the connections whose head has taken too long."""
        # Those that sent a little more have moved behind younger ones.
        self.pending_conns = deque(sorted(self.pending_conns, key=_deadline))
        super().murder_pending()

    def _wait_for_more(self, conn: Any, seen: int) -> None:
        """Have the main loop wait until there are more bytes than were seen."""
        if getattr(conn, "head_deadline", None) is None:
            conn.head_deadline = time.monotonic() + HEAD_SECONDS
        conn.timeout = conn.head_deadline
        conn.sock.setblocking(False)
        # Else the bytes that are there would wake the loop again and again: socket(7).
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, seen + 1)
        self.pending_conns.append(conn)
        readable = partial(self.on_pending_socket_readable, conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, readable)


def _deadline(conn: Any) -> float:
    return float(conn.timeout)


def _bytes_of_a_part(conn: Any) -> int | None:
    """Return how much of a head has arrived; None when a thread can go on with it.

    That is when the head is complete, is longer than any, or the client hung up.
    """
    if conn.parser is not None and conn.parser.unreader.buf.getvalue():
        # It came with the request before.
        return None
    if conn.sock.family not in (socket.AF_INET, socket.AF_INET6):
        # A proxy on this machine sends whole heads, and these sockets know no minimum.
        return None
    try:
        start = conn.sock.recv(_LONGEST_HEAD, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return 0
    except OSError:
        return None
    if not start or b"\r\n\r\n" in start or len(start) == _LONGEST_HEAD:
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        return None
    return len(start)
