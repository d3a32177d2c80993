"""Transformation of stored pictures into delivered ones."""

import os
import threading
from typing import IO, Any

from PIL import Image, ImageOps, ImageSequence

from imagekit_emulator.colours import WHITE, parse_colour
from imagekit_emulator.decoding import HEIC, open_picture
from imagekit_emulator.drawing import apply_step, plain
from imagekit_emulator.errors import DeliveryError
from imagekit_emulator.media_types import MediaInfo
from imagekit_emulator.output_formats import choose_format, save_options
from imagekit_emulator.transformations import Step, last_value

# The types that are transformed; other files are delivered unchanged.
RASTER = frozenset(
    [
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/avif",
        HEIC,
        "image/bmp",
        "image/tiff",
    ]
)
MAX_FRAMES = 300
MAX_INPUT_PIXELS = 100_000_000
# ImageKit allows 100 megapixels here too, but a laptop that draws several such
# pictures at once runs out of memory.
MAX_OUTPUT_PIXELS = 40_000_000
# Limits the pictures that are drawn at once: each takes tens of megabytes.
_SLOTS = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


def render(
    source: IO[bytes],
    info: MediaInfo,
    steps: list[Step],
    target: IO[bytes],
    *,
    accept: str | None = None,
    area: str | None = None,
) -> str:
    """Write the transformed picture to `target`; returns its media type.

    `accept` is the header by which a format is chosen; None keeps the format of the
    source. `area` is the custom coordinates of the file (`x,y,width,height`).
    """
    with _SLOTS:
        try:
            with open_picture(source, info.mime) as image:
                return _render(image, info, steps, target, accept, area)
        except DeliveryError:
            raise
        # Decoders and encoders raise errors of any kind on damaged pictures.
        except Exception as error:
            raise DeliveryError(
                400, "UNIDENTIFIED", "The image cannot be processed"
            ) from error


def _render(
    image: Image.Image,
    info: MediaInfo,
    steps: list[Step],
    target: IO[bytes],
    accept: str | None,
    area: str | None,
) -> str:
    # The pictures in a HEIC file are not frames: the primary one is delivered.
    frames = 1
    if info.mime != HEIC:
        frames = min(getattr(image, "n_frames", 1), MAX_FRAMES)
    if image.width * image.height * frames > MAX_INPUT_PIXELS:
        raise DeliveryError(400, "ELIMIT", "The input image is too large")
    if info.mime == HEIC:
        image = image.copy()
    chosen = choose_format(info, last_value(steps, "f"), accept, frames > 1)
    animated = frames > 1 and chosen in {"GIF", "WEBP"}
    options = save_options(chosen, steps)
    if last_value(steps, "cp") == "true" and image.info.get("icc_profile"):
        options["icc_profile"] = image.info["icc_profile"]
    pictures: list[Image.Image] = []
    durations: list[int] = []
    budget = MAX_OUTPUT_PIXELS
    for frame in ImageSequence.Iterator(image):
        durations.append(int(frame.info.get("duration", 100)))
        pictures.append(_draw(frame, steps, budget, area))
        budget -= pictures[-1].width * pictures[-1].height
        if not animated or len(pictures) == frames:
            break
    if animated:
        options |= {"save_all": True, "append_images": pictures[1:]}
        options |= {"duration": durations, "loop": image.info.get("loop", 0)}
    if last_value(steps, "md") == "true":
        # After the drawing: this removes the orientation, which the drawing needs.
        options |= _metadata(image)
    first = _fitting(pictures[0], chosen, last_value(steps, "bg"))
    first.save(target, chosen, **options)
    return Image.MIME[chosen]


def _draw(
    frame: Image.Image, steps: list[Step], max_pixels: int, area: str | None
) -> Image.Image:
    picture = plain(ImageOps.exif_transpose(frame))
    if steps and steps[0].get("fo") == "custom" and area:
        picture = _cut_area(picture, area)
    for step in steps:
        picture = apply_step(picture, step, max_pixels)
    if picture.width * picture.height > max_pixels:
        raise DeliveryError(400, "ELIMIT", "The output image is too large")
    return picture


def _cut_area(picture: Image.Image, area: str) -> Image.Image:
    x, y, width, height = (int(number) for number in area.split(","))
    right, bottom = min(x + width, picture.width), min(y + height, picture.height)
    if x >= right or y >= bottom:
        return picture
    return picture.crop((x, y, right, bottom))


def _fitting(picture: Image.Image, chosen: str, background: str | None) -> Image.Image:
    """Return a picture without transparency for JPEG, which has none.

    It is put on `background`, or on white.
    """
    if chosen != "JPEG" or picture.mode != "RGBA":
        return picture
    colour = parse_colour(background, WHITE)
    flat = Image.new("RGBA", picture.size, (*colour[:3], 255))
    return Image.alpha_composite(flat, picture).convert("RGB")


def _metadata(image: Image.Image) -> dict[str, Any]:
    """Return the EXIF of the source without its orientation, already applied."""
    exif = image.getexif()
    exif.pop(0x0112, None)
    return {"exif": exif.tobytes()} if exif else {}
