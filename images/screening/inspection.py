"""What an uploaded file must be before anything of it is sent on."""

from dataclasses import replace
from typing import IO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers

from images.media.formats import inspect_image
from images.media.formats.info import ImageInfo, InvalidImage, TooManyPixels
from images.media.stripping import StrippedFile, strip_metadata


def _strip(file: File, info: ImageInfo) -> StrippedFile:
    """Take the metadata out; raises InvalidImage for a damaged file."""
    if isinstance(file, StrippedFile):
        return file
    return strip_metadata(file, info.format, settings.KEEP_METADATA)


ACCEPTED = "Accepted formats: JPEG, PNG, WebP and GIF."


def validate_image(upload: UploadedFile) -> tuple[ImageInfo, StrippedFile]:
    """Return what the bytes are, and the file without metadata, of `info.size`.

    Neither the name nor the declared type is looked at. Data after the end of
    the picture, as some phones append it, go with the metadata. Raises
    ValidationError: `invalid_image`, or `too_many_pixels` for pictures with more
    than UPLOAD_MAX_PIXELS.
    """
    file = cast(IO[bytes], upload.file)
    try:
        info = inspect_image(
            file,
            max_pixels=settings.UPLOAD_MAX_PIXELS,
            max_frames=settings.UPLOAD_MAX_FRAMES,
        )
        stripped = strip_metadata(file, info.format, settings.KEEP_METADATA)
    except TooManyPixels as error:
        raise serializers.ValidationError(str(error), "too_many_pixels") from error
    except InvalidImage as error:
        raise serializers.ValidationError(
            f"{error} {ACCEPTED}", "invalid_image"
        ) from error
    return replace(info, size=stripped.size), stripped
