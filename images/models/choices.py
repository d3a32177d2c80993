"""The choices of an image's columns."""

from django.db import models


class Visibility(models.TextChoices):
    # The default comes first, for forms that choose the first by themselves.
    UNLISTED = "unlisted"
    PUBLIC = "public"
    PRIVATE = "private"


class State(models.TextChoices):
    """What moderation has done to an image."""

    VISIBLE = "visible"
    HIDDEN = "hidden", "Hidden until reviewed"
    TAKEN_DOWN = "taken_down", "Taken down"


class Format(models.TextChoices):
    """The accepted formats; the values are those of the API."""

    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    WEBP = "webp", "WebP"
    GIF = "gif", "GIF"

    @property
    def extension(self) -> str:
        return "jpg" if self is Format.JPEG else self.value
