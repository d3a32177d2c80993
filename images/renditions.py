"""An image's URLs in the sizes that apps need, as ImageKit transformations."""

from collections.abc import Callable

from django.conf import settings

from images.models import Image


def image_renditions(image: Image, absolute: Callable[[str], str]) -> dict[str, str]:
    """Return the URL of each rendition; none is wider than the original.

    `absolute` completes a URL that is a mere path.
    """

    def at_width(width: int) -> str:
        return absolute(image.url(f"w-{min(width, image.width)},f-auto"))

    sizes = settings.IMAGE_RENDITIONS
    side = min(sizes["thumbnail"], image.width, image.height)
    return {
        "thumbnail": absolute(image.url(f"w-{side},h-{side},fo-auto,f-auto")),
        "small": at_width(sizes["small"]),
        "medium": at_width(sizes["medium"]),
        "large": at_width(sizes["large"]),
        "srcset": ", ".join(
            f"{at_width(width)} {width}w" for width in _srcset_widths(image.width)
        ),
    }


def _srcset_widths(original: int) -> list[int]:
    """Return the offered widths up to the original's, which ends the list."""
    widths = [width for width in settings.IMAGE_SRCSET_WIDTHS if width < original]
    if len(widths) < len(settings.IMAGE_SRCSET_WIDTHS):
        widths.append(original)
    return widths
