"""Decode pictures with Pillow, one at a time and within a memory limit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.core.files.base import File
from PIL import Image as Picture

# The most memory that one decoding may take.
MAX_MEMORY = 80 * 1024 * 1024

# One decoding at a time in a process: memory does not grow with the uploads.
_turn = threading.Lock()
_MAX_WAIT = 5.0


class DecoderBusy(Exception):
    """Other pictures keep the decoder busy for seconds."""


@contextmanager
def decoding(file: IO[bytes] | File, image_format: str) -> Iterator[Picture.Image]:
    """Open a picture with Pillow; raises DecoderBusy, and the errors of Pillow."""
    if not _turn.acquire(timeout=_MAX_WAIT):
        raise DecoderBusy
    try:
        file.seek(0)
        with Picture.open(file, formats=[image_format]) as picture:
            yield picture
    finally:
        _turn.release()


def is_damage(error: Exception) -> bool:
    """Tell whether an error of Pillow means that the data of a picture are damaged.

    Others mean that Pillow refuses what browsers show, or that the machine failed.
    """
    if isinstance(error, OSError):
        return error.errno is None
    if isinstance(error, RuntimeError):
        # The decoder of AVIF; others raise none.
        return str(error).startswith("Failed to decode")
    return isinstance(error, SyntaxError | EOFError)
