"""Find out whether the pixels of a file that has no end are complete."""

import hashlib
import io
import random
from typing import IO, cast

from django.core.files.base import File
from PIL import Image as Picture

from images.media.decoding import MAX_MEMORY, DecoderBusy, decoding, is_damage
from images.media.formats.reader import truncated
from images.media.stripping.plan import Plan, PlannedFile

BYTES_A_PIXEL = 4
EOI = b"\xff\xd9"
ROWS = 64


def _noise(seed: int) -> bytes:
    """Return entropy-coded data in which decoders find many different pixels.

    It has no 0xFF, which begins a marker. The bytes are the same at each call.
    """
    return bytes(random.Random(seed).choices(range(0xFF), k=4096))  # noqa: S311  # nosec B311


# Decoders use these if, and only if, pixels are missing. Regular data of a few bytes
# gives the same grey for some cuts.
TAILS = (_noise(1), _noise(2))


def require_whole(file: File, image_format: str) -> None:
    """Raise InvalidImage unless a decoder finds all pixels of a file.

    `file` is a PNG, or a JPEG of one scan, whose end was added. It is refused as well
    if it is too large to be decoded.
    """
    files = [cast(IO[bytes], file)]
    if image_format == "jpeg":
        files += [_with_tail(file, tail) for tail in TAILS]
    try:
        digests = {_digest(one, image_format) for one in files}
    except DecoderBusy as error:
        raise truncated() from error
    except Exception as error:
        if is_damage(error) or isinstance(error, Picture.DecompressionBombError):
            raise truncated() from error
        raise
    if len(digests) > 1:
        raise truncated()


def _with_tail(file: File, tail: bytes) -> IO[bytes]:
    """Return the file with more data before the end that was added."""
    plan = Plan(file.size)
    plan.keep_range(0, file.size - len(EOI))
    plan.add(tail + EOI)
    return io.BufferedReader(PlannedFile(file, plan))


def _digest(file: IO[bytes], image_format: str) -> bytes:
    """Return a hash of the pixels."""
    digest = hashlib.sha256()
    with decoding(file, image_format) as picture:
        width, height = picture.size
        if width * height * BYTES_A_PIXEL > MAX_MEMORY:
            raise truncated()
        picture.load()
        for top in range(0, height, ROWS):
            rows = picture.crop((0, top, width, min(top + ROWS, height)))
            digest.update(rows.tobytes())
    return digest.digest()
