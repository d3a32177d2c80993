"""The socket of a client, from which gunicorn reads requests."""

import socket
import time

from mediabackend.http.minimum_rate import RateGuard


class ClientSocket:
    """Receives from a client, and gives up on one that sends too slowly.

    gunicorn reads a body piece by piece until it has what was asked for: a client that
    sends a byte now and then would hold a thread for ever. `recv` raises
    ConnectionResetError instead.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.begin_request()

    def begin_request(self) -> None:
        """Begin to measure anew."""
        self._guard = RateGuard("sends")

    def recv(self, size: int) -> bytes:
        before = time.monotonic()
        received = self._sock.recv(size)
        self._guard.add(len(received), before)
        return received
