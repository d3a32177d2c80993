"""Inspect uploaded images by their structure, in bounded memory.

The bytes alone decide the format. No pixel is decoded: the memory is small whatever
a file declares, and the time grows with the length of the file only.
"""

import io
from typing import IO

from images.media.formats import gif, heif, jpeg, png, webp
from images.media.formats.info import NOT_AN_IMAGE, ImageInfo, InvalidImage, Limits
from images.media.formats.reader import Reader


def inspect_image(file: IO[bytes], *, max_pixels: int, max_frames: int) -> ImageInfo:
    """Return the facts of the image in a seekable file, or raise `InvalidImage`.

    Reads the file from its start, and leaves it there. Data behind the end of the
    image are accepted but not counted in `size`: they are never stored. A missing end
    is accepted, too, where the rest may be whole: `strip_metadata` finds out.
    """
    try:
        return _inspect(Reader(file), Limits(max_pixels, max_frames))
    finally:
        file.seek(0, io.SEEK_SET)


def _inspect(reader: Reader, limits: Limits) -> ImageInfo:
    head = reader.peek(min(webp.HEADER_LENGTH, reader.size))
    if not head:
        raise InvalidImage("The file is empty.")
    if head.startswith(jpeg.SIGNATURE):
        return jpeg.inspect(reader, limits)
    if head.startswith(png.SIGNATURE):
        return png.inspect(reader, limits)
    if head.startswith(gif.SIGNATURES):
        return gif.inspect(reader, limits)
    if webp.is_webp(head):
        return webp.inspect(reader, limits)
    if heif.is_heif(head):
        return heif.inspect(reader, limits)
    raise InvalidImage(NOT_AN_IMAGE)
