"""Pictures made in memory, and what to look for in them."""

import io
import random

from PIL import Image, ImageDraw

MIB = 1024 * 1024
# A comment segment of a JPEG holds its two length bytes and at most this.
_COMMENT_MAX = 0xFFFF - 2

Colour = tuple[int, int, int]
RED, GREEN, BLUE, YELLOW = (208, 32, 32), (32, 160, 64), (32, 64, 208), (232, 208, 32)
WARM = (RED, GREEN, BLUE, YELLOW)
COLD = (BLUE, YELLOW, GREEN, RED)


def quarters(
    colours: tuple[Colour, ...] = WARM,
    size: tuple[int, int] = (1600, 1200),
    format: str = "JPEG",
) -> bytes:
    """Return a picture of four plain quarters, which survives any scaling."""
    width, height = size
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for index, colour in enumerate(colours):
        left, top = index % 2 * width // 2, index // 2 * height // 2
        draw.rectangle((left, top, left + width // 2, top + height // 2), colour)
    return _encode(image, format)


def read_quarters(content: bytes) -> tuple[tuple[int, int], list[Colour]]:
    """Decode a picture: its size, and the colour in the middle of each quarter."""
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
        pixels = image.convert("RGB")
    places = [(x, y) for y in (1, 3) for x in (1, 3)]
    return (width, height), [
        pixels.getpixel((x * width // 4, y * height // 4)) for x, y in places
    ]


def is_close(seen: list[Colour], expected: tuple[Colour, ...]) -> bool:
    """Say whether the colours are the same but for what compression does."""
    return all(
        abs(a - b) <= 12
        for one, other in zip(seen, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def landscape(
    sky: Colour, ground: Colour, size: tuple[int, int] = (1280, 960)
) -> bytes:
    """Return a gradient from one colour to another with a sun: nice to look at."""
    width, height = size
    ramp = Image.linear_gradient("L").resize(size)
    image = Image.composite(
        Image.new("RGB", size, ground), Image.new("RGB", size, sky), ramp
    )
    sun = Image.new("L", size)
    radius = height // 6
    centre = (width * 2 // 3, height * 2 // 5)
    ImageDraw.Draw(sun).circle(centre, radius, 230)
    image.paste((255, 244, 214), mask=sun)
    draw = ImageDraw.Draw(image)
    dark = tuple(part // 3 for part in ground)
    hills = [(0, height), (0, height * 3 // 4), (width // 4, height // 2)]
    hills += [(width // 2, height * 3 // 4), (width * 3 // 4, height * 3 // 5)]
    draw.polygon([*hills, (width, height * 4 // 5), (width, height)], dark)
    return _encode(image, "JPEG")


def noisy_jpeg(length: int) -> bytes:
    """Return a valid JPEG of exactly `length` bytes, most of them pixels.

    Parts of a colour profile make up for what noise cannot hit exactly: they are
    stored, unlike comments.
    """
    # At this quality noise takes less than 3.3 bytes a pixel.
    side = int((length / 3.3) ** 0.5)
    noise = random.Random(1).randbytes(side * side * 3)  # noqa: S311
    image = Image.frombytes("RGB", (side, side), noise)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=98, subsampling=0)
    picture = file.getvalue()
    start, rest = picture[:2], picture[2:]
    missing = length - len(picture)
    profile = []
    while missing:
        size = min(missing - 4, _COMMENT_MAX)
        # What is left must hold a segment's head of four bytes, or be nothing.
        if 0 < missing - 4 - size < 4:
            size -= 4
        profile.append(_profile_part(size))
        missing -= 4 + size
    return b"".join([start, *profile, rest])


def _profile_part(size: int) -> bytes:
    """Return a segment with so many bytes of a profile, its head of 14 among them."""
    head = b"ICC_PROFILE\0\1\1"
    body = head[:size] + bytes(max(0, size - len(head)))
    return b"\xff\xe2" + (size + 2).to_bytes(2, "big") + body


def _encode(image: Image.Image, format: str) -> bytes:
    file = io.BytesIO()
    image.save(file, format, quality=92)
    return file.getvalue()
