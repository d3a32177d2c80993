"""What an uploaded file must be before anything of it is sent on."""

from typing import IO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers

from images.formats import ImageInfo, InvalidImage, TooManyPixels, inspect_image
from images.models import Format

ACCEPTED = "Accepted formats: JPEG, PNG, WebP and GIF."


def validate_image(file: UploadedFile) -> ImageInfo:
    """Return what the bytes are; raises ValidationError `invalid_image`.

    Neither the name nor the declared type is looked at. Data after the end of
    the picture, as some phones append it, is cut off. Pictures with more than
    UPLOAD_MAX_PIXELS are a `too_many_pixels` error.
    """
    try:
        info = inspect_image(
            cast(IO[bytes], file.file),
            max_pixels=settings.UPLOAD_MAX_PIXELS,
            max_frames=settings.UPLOAD_MAX_FRAMES,
        )
    except TooManyPixels as error:
        raise serializers.ValidationError(str(error), "too_many_pixels") from error
    except InvalidImage as error:
        raise serializers.ValidationError(
            f"{error} {ACCEPTED}", "invalid_image"
        ) from error
    file.truncate(info.size)
    file.size = info.size
    # From here on the type is what the bytes say.
    file.content_type = f"image/{Format(info.format).value}"
    return info
