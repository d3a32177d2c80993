"""An image's URLs in the sizes of IMAGE_RENDITIONS, as ImageKit transformations.

The table is all there is: clients cannot ask for transformations of their own,
each of which would cost ImageKit work and the account money.
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
# Wider than any screen: whoever writes more has mistyped.
MAX_WIDTH = 5000


class _Plan(NamedTuple):
    """The transformations for one size of picture.

    `presets` and `srcset` name them by their number, the latter with the width.
    """

    transformations: list[str]
    presets: list[tuple[str, int]]
    srcset: list[tuple[int, int]]


def image_urls(
    storage: ImageKitStorage, name: str, width: int, height: int, origin: str = ""
) -> tuple[str, dict[str, str]]:
    """Return a picture's URL, and that of each rendition; none is wider than it.

    `origin`, a scheme and a host, completes URLs that are mere paths: the emulator's.
    """
    plan = _plan(width, height)
    urls = storage.urls(name, plan.transformations)
    if urls[0].startswith("/"):
        urls = [origin + url for url in urls]
    renditions = {preset: urls[number] for preset, number in plan.presets}
    entries = [f"{urls[number]} {width}w" for number, width in plan.srcset]
    renditions[SRCSET] = ", ".join(entries)
    return urls[0], renditions


def image_renditions(image: Image) -> dict[str, str]:
    """Return the URL of each rendition of an image."""
    name = str(image.file.name)
    return image_urls(image.storage, name, image.width, image.height)[1]


@lru_cache(maxsize=1024)
def _plan(width: int, height: int) -> _Plan:
    table: dict[str, dict[str, Any]] = settings.IMAGE_RENDITIONS
    widths = _srcset_widths(table[SRCSET]["widths"], width)
    presets = {
        name: _transformation(
            width, height, table[name]["width"], table[name].get("square", False)
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


def _transformation(width: int, height: int, wanted: int, square: bool = False) -> str:
    """Return the `tr` value for this width, or for the original's if that is less.

    https://imagekit.io/docs/image-resize-and-crop
    """
    if square:
        side = min(wanted, width, height)
        # Cropped to what matters most in the picture.
        return f"w-{side},h-{side},fo-auto,f-auto"
    return f"w-{min(wanted, width)},f-auto"


def _srcset_widths(offered: tuple[int, ...], original: int) -> list[int]:
    """Return the offered widths up to the original's, which ends the list."""
    widths = [width for width in offered if width < original]
    return widths if len(widths) == len(offered) else [*widths, original]
