"""Fingerprints of the bytes of a file, and of the look of a picture."""

import hashlib

from django.core.files.base import File
from PIL import Image as Picture

_COLUMNS, _ROWS = 9, 8


def sha256_of(file: File) -> str:
    """Return the SHA-256 of a file, in hexadecimal; rewinds the file."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def perceptual_hash(picture: Picture.Image) -> int:
    """Return 64 bits, as a signed integer, that similar pictures share.

    The difference hash: does the brightness grow from each point to its right
    neighbour, on a grid of 9 by 8? (N. Krawetz, "Kind of Like That", 2013.)
    """
    grid = picture.convert("L").resize((_COLUMNS, _ROWS), Picture.Resampling.BOX)
    points = grid.tobytes()
    bits = 0
    for row in range(_ROWS):
        for column in range(_COLUMNS - 1):
            here = row * _COLUMNS + column
            bits = bits << 1 | (points[here] < points[here + 1])
    return bits - (1 << 64) if bits >> 63 else bits
