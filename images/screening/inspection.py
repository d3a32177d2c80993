"""Inspect an uploaded file before it is stored."""

from dataclasses import replace
from typing import IO, NamedTuple

from django.conf import settings

from images.media.formats import inspect_image
from images.media.formats.info import ImageInfo, TooManyPixels
from images.media.stripping import StrippedFile, strip_metadata

ACCEPTED = "Accepted formats: JPEG, PNG, WebP, GIF, HEIC and AVIF."

# ImageKit does not transform pictures with a longer side.
LONGEST_SIDE = 65_535


class InspectedFile(NamedTuple):
    """A picture as it will be stored, and the facts that were read from it."""

    content: StrippedFile
    info: ImageInfo


def inspect_file(file: IO[bytes]) -> InspectedFile:
    """Detect the format of a picture from its bytes, and remove the metadata.

    Its name and declared type are ignored. Data after the end of the picture, which
    some phones append, is removed with the metadata. `info.size` is the size of the
    stripped content. Raises InvalidImage, and TooManyPixels for a picture with more
    than UPLOAD_MAX_PIXELS, or for HEIC that ImageKit cannot convert.
    """
    info = inspect_image(
        file,
        max_pixels=settings.UPLOAD_MAX_PIXELS,
        max_frames=settings.UPLOAD_MAX_FRAMES,
    )
    if info.format == "heic" and exceeds_imagekit(info):
        raise TooManyPixels(
            f"The HEIC file has {info.frames} pictures of {info.width} x {info.height} "
            f"pixels; at most {settings.IMAGEKIT_MAX_PIXELS} pixels can be converted "
            "for browsers."
        )
    content = strip_metadata(file, info.format, settings.KEEP_METADATA)
    return InspectedFile(content, replace(info, size=content.size))


def exceeds_imagekit(info: ImageInfo) -> bool:
    """Tell whether a picture has more pixels than ImageKit transforms."""
    pixels = info.width * info.height * info.frames
    longest = max(info.width, info.height)
    return pixels > settings.IMAGEKIT_MAX_PIXELS or longest > LONGEST_SIDE
