"""Colours of backgrounds: `FF0000`, `FF000050`, `red`."""

import re

from PIL import ImageColor

Colour = tuple[int, int, int, int]

BLACK: Colour = (0, 0, 0, 255)
WHITE: Colour = (255, 255, 255, 255)


def parse_colour(text: str | None, default: Colour) -> Colour:
    """Read a colour as red, green, blue, opacity (0..255 each).

    In a text of eight digits the last two are the opacity, from 00 to 99. Other
    texts, such as `blurred`, give the default.
    """
    if text is None:
        return default
    if re.fullmatch(r"[0-9A-Fa-f]{6}([0-9]{2})?", text):
        red, green, blue = (int(text[i : i + 2], 16) for i in (0, 2, 4))
        opacity = round(int(text[6:]) * 255 / 99) if text[6:] else 255
        return red, green, blue, opacity
    try:
        red, green, blue = ImageColor.getrgb(text.lower())[:3]
    except ValueError:
        return default
    return red, green, blue, 255
