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


# No browser but Safari shows HEIC, which ImageKit converts only when asked to.
_CONVERSIONS: dict[str, str] = {Format.HEIC: "f-jpg", Format.AVIF: "f-auto"}


def whole_picture(format: str, delivered_as_is: bool) -> str:
    """Return the `tr` value for a whole picture that browsers can show."""
    return "orig-true" if delivered_as_is else _CONVERSIONS.get(format, "")
