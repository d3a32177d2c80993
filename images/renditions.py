"""An image's URLs in the sizes of IMAGE_RENDITIONS, as ImageKit transformations.

The table is all there is: clients cannot ask for transformations of their own,
each of which would cost ImageKit work and the account money.
"""

from typing import Any

from django.conf import settings

from images.models import Image

SRCSET = "srcset"
NAMES = ("thumbnail", "small", "medium", "large", SRCSET)
# Wider than any screen: whoever writes more has mistyped.
MAX_WIDTH = 5000


def image_renditions(image: Image, origin: str = "") -> dict[str, str]:
    """Return the URL of each rendition; none is wider than the original.

    `origin`, a scheme and a host, completes URLs that are mere paths: the emulator's.
    """
    table: dict[str, dict[str, Any]] = settings.IMAGE_RENDITIONS
    widths = _srcset_widths(table[SRCSET]["widths"], image.width)
    wanted = {name: _transformation(image, **table[name]) for name in NAMES[:-1]}
    srcset = [_transformation(image, width) for width in widths]
    distinct = dict.fromkeys([*wanted.values(), *srcset])
    urls = image.storage.urls(image.file.name, distinct)
    found = {
        value: absolute(url, origin) for value, url in zip(distinct, urls, strict=True)
    }
    return {
        **{name: found[value] for name, value in wanted.items()},
        SRCSET: ", ".join(
            f"{found[value]} {width}w"
            for value, width in zip(srcset, widths, strict=True)
        ),
    }


def absolute(url: str, origin: str) -> str:
    return origin + url if url.startswith("/") else url


def _transformation(image: Image, width: int, square: bool = False) -> str:
    """Return the `tr` value for this width, or for the original's if that is less.

    https://imagekit.io/docs/image-resize-and-crop
    """
    if square:
        side = min(width, image.width, image.height)
        # Cropped to what matters most in the picture.
        return f"w-{side},h-{side},fo-auto,f-auto"
    return f"w-{min(width, image.width)},f-auto"


def _srcset_widths(offered: tuple[int, ...], original: int) -> list[int]:
    """Return the offered widths up to the original's, which ends the list."""
    widths = [width for width in offered if width < original]
    return widths if len(widths) == len(offered) else [*widths, original]
