"""Open stored pictures with Pillow, and HEIC with libheif."""

import re
from typing import IO

import pi_heif
from PIL import Image

HEIC = "image/heic"
ORIENTATION = 0x0112
SIDEWAYS = frozenset({5, 6, 7, 8})
# The boxes before the pixels of a photo take less.
HEAD_BYTES = 256 * 1024


def open_picture(file: IO[bytes], mime: str) -> Image.Image:
    """Open a picture; its pixels are decoded later."""
    return _open_heic(file) if mime == HEIC else Image.open(file)


def displayed_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height after the turn that the orientation asks for."""
    if image.getexif().get(ORIENTATION) in SIDEWAYS:
        return image.height, image.width
    return image.size


def _open_heic(file: IO[bytes]) -> Image.Image:
    """Open the primary picture.

    libheif turns it by the boxes `irot` and `imir`. EXIF counts only without them.
    """
    is_turned = re.search(rb"irot|imir", file.read(HEAD_BYTES))
    file.seek(0)
    image = pi_heif.HeifImageFile(file)
    orientation = image.info.get("original_orientation")
    if orientation and not is_turned:
        exif = image.getexif()
        exif[ORIENTATION] = orientation
        image.info["exif"] = exif.tobytes()
    return image
