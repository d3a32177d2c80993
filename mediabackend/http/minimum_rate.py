"""A minimum rate at which clients have to send and to read."""

import errno
import logging
import time
from collections.abc import Iterable, Iterator

logger = logging.getLogger(__name__)

# Bytes a second, on average over each such time, in seconds.
MINIMUM_RATE = 4 * 1024
WINDOW_SECONDS = 20.0
# Bytes: an answer is handed on in pieces of this size, so that each is timed.
_PIECE = 16 * 1024


class RateGuard:
    """Adds up what a client moves, and in how much time."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._bytes, self._seconds = 0, 0.0

    def add(self, number: int, since: float) -> None:
        """Count bytes that took from `since`, a monotonic time, until now.

        Raises ConnectionResetError when the client is too slow.
        """
        self._bytes += number
        self._seconds += time.monotonic() - since
        if self._seconds < WINDOW_SECONDS:
            return
        rate = self._bytes / self._seconds
        if rate < MINIMUM_RATE:
            logger.warning("A client %s too slowly: %.0f bytes/s", self._verb, rate)
            raise ConnectionResetError(errno.ECONNRESET, "Too slow.")
        self._bytes, self._seconds = 0, 0.0


def guarded_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks of an answer to a client that reads fast enough.

    An answer holds a thread until its client has read it. Only the time that the
    client takes counts, not the time that it takes to make the chunks. Raises
    ConnectionResetError.
    """
    guard = RateGuard("reads")
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            piece = chunk[start : start + _PIECE]
            before = time.monotonic()
            yield piece
            guard.add(len(piece), before)
