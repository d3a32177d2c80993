"""Build the URLs of an image in the sizes of the setting IMAGE_RENDITIONS.

The API offers no other transformations, as each one costs work and money.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from images.imagekit.storage import ImageKitStorage
from images.models import Format, Image
from images.models.choices import whole_picture

SRCSET = "srcset"
NAMES = ("thumbnail", "small", "medium", "large", SRCSET)
# Wider than any screen: a larger value is a typing error.
MAX_WIDTH = 5000
# WebP pictures have no longer side.
_MAX_OUTPUT_SIDE = 16_383


class Picture(NamedTuple):
    """The facts about a picture that its URLs depend on."""

    width: int
    height: int
    format: str
    delivered_as_is: bool

    @classmethod
    def of(cls, image: Any) -> "Picture":
        """Return the facts of an Image, or of a row with the same names."""
        return cls(image.width, image.height, image.format, image.delivered_as_is)

    def whole(self) -> str:
        """Return the `tr` value for the whole picture."""
        return whole_picture(self.format, self.delivered_as_is)


class _Plan(NamedTuple):
    """The transformations for pictures with the same facts.

    `presets` maps names, and `srcset` maps widths, to positions in `transformations`.
    """

    transformations: list[str]
    presets: list[tuple[str, int]]
    srcset: list[tuple[int, int]]


def build_image_urls(
    storage: ImageKitStorage, name: str, picture: Picture, origin: str = ""
) -> tuple[str, dict[str, str]]:
    """Return a picture's URL, and the URL of each rendition; none enlarges the picture.

    `origin`, a scheme and a host, is put before URLs that are paths, as the emulator's.
    """
    plan = _plan(picture)
    urls = storage.urls(name, plan.transformations)
    if urls[0].startswith("/"):
        urls = [origin + url for url in urls]
    renditions = {preset: urls[number] for preset, number in plan.presets}
    entries = [f"{urls[number]} {width}w" for number, width in plan.srcset]
    renditions[SRCSET] = ", ".join(entries)
    return urls[0], renditions


def build_urls(image: Image) -> tuple[str, dict[str, str]]:
    """Return the URL of an image, and the URLs of its renditions by their names."""
    return build_image_urls(image.storage, str(image.file.name), Picture.of(image))


def build_rendition(image: Image, wanted: int) -> str:
    """Return the URL of one rendition, of this width or of the original's."""
    return image.url(_transformation(Picture.of(image), wanted))


@lru_cache(maxsize=1024)
def _plan(picture: Picture) -> _Plan:
    table: dict[str, dict[str, Any]] = settings.IMAGE_RENDITIONS
    widest = _widest(picture)
    offered = table[SRCSET]["widths"]
    widths = [width for width in offered if width < widest]
    if len(widths) < len(offered):
        # The picture's own.
        widths.append(widest or picture.width)
    presets = {
        name: _transformation(
            picture,
            table[name]["width"],
            square=table[name].get("square", False),
            smart_crop=table[name].get("smart_crop", True),
        )
        for name in NAMES[:-1]
    }
    srcset = [_transformation(picture, width) for width in widths]
    # The whole picture first.
    distinct = list(dict.fromkeys([picture.whole(), *presets.values(), *srcset]))
    return _Plan(
        distinct,
        [(name, distinct.index(value)) for name, value in presets.items()],
        list(zip(map(distinct.index, srcset), widths, strict=True)),
    )


@receiver(setting_changed)
def _forget_plans(**kwargs: Any) -> None:
    _plan.cache_clear()


def _widest(picture: Picture) -> int:
    """Return the width of the largest rendition, whose sides ImageKit can make.

    0 if that would be a line, or if the picture is delivered as it is.
    """
    if picture.delivered_as_is:
        return 0
    if picture.height <= _MAX_OUTPUT_SIDE:
        return min(picture.width, _MAX_OUTPUT_SIDE)
    widest = _MAX_OUTPUT_SIDE * picture.width // picture.height
    # ImageKit reads `w-1` as all of the width.
    return widest if widest > 1 else 0


def _transformation(
    picture: Picture, wanted: int, *, square: bool = False, smart_crop: bool = True
) -> str:
    """Return the `tr` value for this width, or for the widest if that is smaller.

    https://imagekit.io/docs/image-resize-and-crop
    """
    widest = _widest(picture)
    if not widest:
        return picture.whole()
    converted = "f-jpg" if picture.format == Format.HEIC else "f-auto"
    if square:
        side = min(wanted, picture.width, picture.height)
        # `fo-auto` crops to the most important part of the picture, and costs more.
        # Without it ImageKit crops to the centre.
        focus = "fo-auto," if smart_crop else ""
        return f"w-{side},h-{side},{focus}{converted}"
    return f"w-{min(wanted, widest)},{converted}"
