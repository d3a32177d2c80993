"""Choices of the columns of an image."""

from django.db import models


class Visibility(models.TextChoices):
    # The default comes first, as forms select the first choice.
    UNLISTED = "unlisted"
    PUBLIC = "public"
    PRIVATE = "private"


class State(models.TextChoices):
    """The state of an image in moderation."""

    VISIBLE = "visible"
    HIDDEN = "hidden", "Hidden until reviewed"
    TAKEN_DOWN = "taken_down", "Taken down"


class Format(models.TextChoices):
    """The accepted formats; their values are used in the API."""

    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    WEBP = "webp", "WebP"
    GIF = "gif", "GIF"
    HEIC = "heic", "HEIC"
    AVIF = "avif", "AVIF"

    @property
    def extension(self) -> str:
        return "jpg" if self is Format.JPEG else self.value
