"""Answers that are sent while they are made, to clients that read fast enough."""

import errno
import logging
import time
from collections.abc import Iterable, Iterator

logger = logging.getLogger(__name__)

# Bytes a second that a client has to read, on average over each such time, in seconds.
MINIMUM_RATE = 16 * 1024
WINDOW_SECONDS = 20.0
# Bytes: what is handed on at once, so that the clock is looked at often.
_PIECE = 16 * 1024


def at_minimum_rate(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks; raise ConnectionResetError when the client reads too slowly.

    An answer holds a thread until its client has read it. Only the time that the
    client takes counts, not the time that it takes to make the chunks.
    """
    sent, waited = 0, 0.0
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE):
            piece = chunk[start : start + _PIECE]
            before = time.monotonic()
            yield piece
            waited += time.monotonic() - before
            sent += len(piece)
            if waited >= WINDOW_SECONDS:
                if sent < MINIMUM_RATE * waited:
                    logger.warning("A client reads too slowly: %.0f B/s", sent / waited)
                    raise ConnectionResetError(errno.ECONNRESET, "Read too slowly.")
                sent, waited = 0, 0.0
