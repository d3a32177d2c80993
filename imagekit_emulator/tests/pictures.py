"""Pictures for the tests."""

import io

from PIL import Image

ORIENTATION = 0x0112
MAKE = 0x010F


def make_image(
    width: int = 64, height: int = 48, fmt: str = "JPEG", colour: str = "red", **options
) -> bytes:
    mode = "RGBA" if fmt == "PNG" and options.pop("alpha", False) else "RGB"
    target = io.BytesIO()
    Image.new(mode, (width, height), colour).save(target, fmt, **options)
    return target.getvalue()


def make_halves(width: int = 200, height: int = 100) -> bytes:
    """Return a PNG whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), "red")
    image.paste((0, 0, 255), (width // 2, 0, width, height))
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def make_photo(width: int = 60, height: int = 40, orientation: int = 6) -> bytes:
    """Return a JPEG with a comment, and EXIF: a make and an orientation."""
    exif = Image.Exif()
    exif[MAKE] = "Camera works"
    exif[ORIENTATION] = orientation
    return make_image(width, height, exif=exif.tobytes(), comment=b"Mine")


def make_animation(fmt: str = "GIF", frames: int = 3) -> bytes:
    images = [Image.new("RGB", (40, 20), c) for c in ("red", "green", "blue")]
    target = io.BytesIO()
    images[0].save(
        target, fmt, save_all=True, append_images=images[1:frames], duration=100
    )
    return target.getvalue()


def open_image(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
