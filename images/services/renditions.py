"""Build the URLs of an image in the sizes of the setting IMAGE_RENDITIONS.

The API offers no other transformations, as each one costs work and money.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

from images.imagekit.storage import ImageKitStorage
from images.models import Image

SRCSET = "srcset"
NAMES = ("thumbnail", "small", "medium", "large", SRCSET)
# Wider than any screen: a larger value is a typing error.
MAX_WIDTH = 5000


class _Plan(NamedTuple):
    """The transformations for pictures of one size.

    `presets` maps names, and `srcset` maps widths, to positions in `transformations`.
    """

    transformations: list[str]
    presets: list[tuple[str, int]]
    srcset: list[tuple[int, int]]


def build_image_urls(
    storage: ImageKitStorage, name: str, width: int, height: int, origin: str = ""
) -> tuple[str, dict[str, str]]:
    """Return a picture's URL, and the URL of each rendition; none enlarges the picture.

    `origin`, a scheme and a host, is put before URLs that are paths, as the emulator's.
    """
    plan = _plan(width, height)
    urls = storage.urls(name, plan.transformations)
    if urls[0].startswith("/"):
        urls = [origin + url for url in urls]
    renditions = {preset: urls[number] for preset, number in plan.presets}
    entries = [f"{urls[number]} {width}w" for number, width in plan.srcset]
    renditions[SRCSET] = ", ".join(entries)
    return urls[0], renditions


def build_renditions(image: Image) -> dict[str, str]:
    """Return the URLs of an image's renditions, by their names."""
    name = str(image.file.name)
    return build_image_urls(image.storage, name, image.width, image.height)[1]


@lru_cache(maxsize=1024)
def _plan(width: int, height: int) -> _Plan:
    table: dict[str, dict[str, Any]] = settings.IMAGE_RENDITIONS
    widths = _srcset_widths(table[SRCSET]["widths"], width)
    presets = {
        name: _transformation(
            width,
            height,
            table[name]["width"],
            square=table[name].get("square", False),
            smart_crop=table[name].get("smart_crop", True),
        )
        for name in NAMES[:-1]
    }
    srcset = [_transformation(width, height, offered) for offered in widths]
    # The original first.
    distinct = list(dict.fromkeys(["", *presets.values(), *srcset]))
    return _Plan(
        distinct,
        [(name, distinct.index(value)) for name, value in presets.items()],
        list(zip(map(distinct.index, srcset), widths, strict=True)),
    )


@receiver(setting_changed)
def _forget_plans(**kwargs: Any) -> None:
    _plan.cache_clear()


def _transformation(
    width: int,
    height: int,
    wanted: int,
    *,
    square: bool = False,
    smart_crop: bool = True,
) -> str:
    """Return the `tr` value for this width, or for the original's if it is smaller.

    https://imagekit.io/docs/image-resize-and-crop
    """
    if square:
        side = min(wanted, width, height)
        # `fo-auto` crops to the most important part of the picture, and costs more.
        # Without it ImageKit crops to the centre.
        focus = "fo-auto," if smart_crop else ""
        return f"w-{side},h-{side},{focus}f-auto"
    return f"w-{min(wanted, width)},f-auto"


def _srcset_widths(offered: tuple[int, ...], original: int) -> list[int]:
    """Return the offered widths that are smaller than the original, then its own."""
    widths = [width for width in offered if width < original]
    return widths if len(widths) == len(offered) else [*widths, original]
