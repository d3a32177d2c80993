"""Pictures that the checks upload."""

import struct
import zlib
from io import BytesIO

from PIL import Image as Picture

CAMERA = "mediabackend test camera"
_MAKE, _ORIENTATION, _TURN_RIGHT = 0x010F, 0x0112, 6


def picture() -> bytes:
    """Return a small PNG."""
    out = BytesIO()
    Picture.new("RGB", (16, 8), "teal").save(out, "PNG")
    return out.getvalue()


def photo() -> bytes:
    """Return a photo that is rotated by its EXIF data, which also names a camera."""
    exif = Picture.Exif()
    exif[_MAKE], exif[_ORIENTATION] = CAMERA, _TURN_RIGHT
    out = BytesIO()
    Picture.new("RGB", (16, 8), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def animation(frames: int, side: int) -> bytes:
    """Return a square GIF whose frames differ."""
    colours = ("teal", "orange")
    pictures = [Picture.new("P", (side, side)) for _ in range(frames)]
    for number, one in enumerate(pictures):
        one.putpalette(Picture.new("RGB", (1, 1), colours[number % 2]).tobytes() * 256)
    out = BytesIO()
    pictures[0].save(
        out, "GIF", save_all=True, append_images=pictures[1:], duration=100, loop=0
    )
    return out.getvalue()


def count_frames(content: bytes) -> int:
    with Picture.open(BytesIO(content)) as opened:
        return int(getattr(opened, "n_frames", 1))


def large_picture(size: int) -> bytes:
    """Return a PNG of this many bytes: most are in a chunk that readers skip."""
    content = picture()
    # The 12 bytes at the end are the last chunk; a chunk has 12 bytes without data.
    data = bytes(max(0, size - len(content) - 12))
    chunk = b"fiLl" + data
    filler = struct.pack(">I", len(data)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return content[:-12] + filler + content[-12:]
