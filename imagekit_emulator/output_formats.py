"""The formats of delivered pictures, and their settings."""

from collections.abc import Callable
from typing import Any

from imagekit_emulator.media_types import MediaInfo
from imagekit_emulator.transformations import Step, last_value

DEFAULT_QUALITY = 80
MAX_WEBP_SIDE = 16_383
BY_NAME = {
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "png": "PNG",
    "webp": "WEBP",
    "avif": "AVIF",
    "gif": "GIF",
}
# Formats of stored files that browsers show without conversion.
BY_MIME = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
}


def choose_format(
    info: MediaInfo, asked: str | None, accept: str | None, animated: bool
) -> str:
    """Return the Pillow name of the format to write.

    `accept` chooses WebP if the client names it. WebP and AVIF are converted for
    clients that do not accept them.
    """
    own = BY_MIME.get(info.mime)
    fallback = "PNG" if info.has_alpha else "JPEG"
    if asked in BY_NAME and (asked != "gif" or own == "GIF"):
        return BY_NAME[asked]
    if asked == "orig" or accept is None:
        return own or fallback
    types = {part.partition(";")[0].strip() for part in accept.lower().split(",")}
    if "image/webp" in types and not animated and _fits_webp(info):
        return "WEBP"
    takes_all = bool(types & {"", "*/*", "image/*"})
    if own in {"WEBP", "AVIF"} and not takes_all and info.mime not in types:
        return fallback
    return own or fallback


def save_options(chosen: str, steps: list[Step]) -> dict[str, Any]:
    """Return the arguments for Pillow's `save`."""
    quality = int(last_value(steps, "q") or DEFAULT_QUALITY)
    progressive = last_value(steps, "pr") == "true"
    make: dict[str, Callable[[], dict[str, Any]]] = {
        "JPEG": lambda: {"quality": quality, "progressive": progressive},
        "WEBP": lambda: {"quality": quality, "method": 2},
        "AVIF": lambda: {"quality": quality, "speed": 8},
    }
    # Without these, Pillow copies the profile and the comment of the source.
    plain: dict[str, Any] = {"icc_profile": None, "comment": b""}
    return plain | (make[chosen]() if chosen in make else {})


def _fits_webp(info: MediaInfo) -> bool:
    return max(info.width or 0, info.height or 0) <= MAX_WEBP_SIDE
