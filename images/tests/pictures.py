"""Pictures made in code, for tests."""

from io import BytesIO

import pillow_heif
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture_bytes(
    width: int = 64, height: int = 48, format: str = "jpeg", noise: bool = False
) -> bytes:
    """Return an image file; `noise` makes it about as large as its pixels."""
    if noise:
        picture = Image.effect_noise((width, height), 80).convert("RGB")
    else:
        picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    return encoded(picture, format)


def encoded(picture: Image.Image, format: str) -> bytes:
    out = BytesIO()
    if format == "heic":
        # The plug-in would make Pillow read HEIC everywhere.
        pillow_heif.from_pillow(picture).save(out)
    else:
        picture.save(out, format)
    return out.getvalue()


def make_image(
    width: int = 64, height: int = 48, format: str = "jpeg", noise: bool = False
) -> SimpleUploadedFile:
    """Return an upload, under a name and a type that say nothing about it."""
    content = picture_bytes(width, height, format, noise)
    return SimpleUploadedFile("upload.bin", content, "application/octet-stream")
