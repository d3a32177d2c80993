"""Thumbnails in the lists of the admin."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from images.models import Image
from images.services.renditions import build_urls


def thumbnail_of(image: Image, side: int) -> SafeString | str:
    """Return the HTML of a picture, `side` pixels wide and high.

    For a confidential image it is a word: opening one leaves a line in the log.
    """
    if image.is_confidential:
        return "Private"
    return format_html(
        '<img src="{}" alt="{}" width="{}" height="{}" loading="lazy">',
        build_urls(image)[1]["thumbnail"],
        image.alt_text or "Image without alt text",
        side,
        side,
    )
