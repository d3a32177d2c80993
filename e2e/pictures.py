"""Pictures for the tests, and checks of their pixels."""

import io
import random

import pillow_heif
from PIL import Image, ImageDraw

MIB = 1024 * 1024
# The most bytes in a segment of a JPEG, besides the two bytes of its length.
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
    """Return a picture of four colours, which can be recognised at any size."""
    width, height = size
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    for index, colour in enumerate(colours):
        left, top = index % 2 * width // 2, index // 2 * height // 2
        draw.rectangle((left, top, left + width // 2, top + height // 2), colour)
    return _encode(image, format)


def animation(size: tuple[int, int], frames: int) -> bytes:
    """Return a GIF whose frames differ."""
    images = [Image.new("L", size, 8 * n) for n in range(frames)]
    file = io.BytesIO()
    images[0].save(file, "GIF", save_all=True, append_images=images[1:], duration=50)
    return file.getvalue()


def read_quarters(content: bytes) -> tuple[tuple[int, int], list[Colour]]:
    """Return the size of a picture, and the colour in the middle of each quarter."""
    with Image.open(io.BytesIO(content)) as image:
        width, height = image.size
        pixels = image.convert("RGB")
    places = [(x, y) for y in (1, 3) for x in (1, 3)]
    return (width, height), [
        pixels.getpixel((x * width // 4, y * height // 4)) for x, y in places
    ]


def is_close(seen: list[Colour], expected: tuple[Colour, ...]) -> bool:
    """Return whether the colours are the same except for losses of compression."""
    return all(
        abs(a - b) <= 12
        for one, other in zip(seen, expected, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def landscape(
    sky: Colour, ground: Colour, size: tuple[int, int] = (1280, 960)
) -> bytes:
    """Return a picture with a sky, hills and a sun."""
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

    A colour profile fills it up to the exact length: the server keeps profiles, but
    removes comments.
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
        # The rest must be nothing, or have room for the four bytes of a segment's head.
        if 0 < missing - 4 - size < 4:
            size -= 4
        profile.append(_profile_part(size))
        missing -= 4 + size
    return b"".join([start, *profile, rest])


def _profile_part(size: int) -> bytes:
    """Return a segment with `size` bytes of a profile, including its head of 14."""
    head = b"ICC_PROFILE\0\1\1"
    body = head[:size] + bytes(max(0, size - len(head)))
    return b"\xff\xe2" + (size + 2).to_bytes(2, "big") + body


def _encode(image: Image.Image, format: str) -> bytes:
    file = io.BytesIO()
    if format == "HEIC":
        pillow_heif.from_pillow(image).save(file)
    else:
        image.save(file, format, quality=92)
    return file.getvalue()
