"""Previews of uploaded pictures: a placeholder, a colour and a perceptual hash.

They are made of a tiny copy of the picture.
"""

import logging
from itertools import pairwise
from typing import NamedTuple, cast

from blurhash_rs import encode_rgb
from django.core.files.base import File
from PIL import Image as Picture
from PIL import ImageOps

from images.media.decoding import MAX_MEMORY, DecoderBusy, decoding, is_damage
from images.media.formats.info import ImageInfo, InvalidImage

logger = logging.getLogger(__name__)

# The longer side of the tiny copy, in pixels: a BlurHash and a colour need no more.
SIDE = 64

# Each scan costs a walk over all pixels. Encoders write about ten.
_MAX_SCANS = 20

# Bytes that decoding takes for each pixel. A JPEG of one scan is decoded at an
# eighth of its size; one of several is held whole, as coefficients of two bytes.
_JPEG, _JPEG_IN_SCANS = 1, 6
_BYTES_A_PIXEL = {"png": 4, "gif": 5, "webp": 16, "avif": 20}


class Preview(NamedTuple):
    """A BlurHash (https://blurha.sh), a colour as `#rrggbb`, and a perceptual hash.

    Empty when unknown. The names are those of the columns of an Image.
    """

    placeholder: str = ""
    dominant_color: str = ""
    perceptual_hash: int | None = None


def make_preview(file: File, info: ImageInfo) -> Preview:
    """Return the preview of an image file, which is rewound.

    Empty when the picture is too costly to decode, see `_is_affordable`, or when other
    pictures keep the decoder busy for seconds. Raises InvalidImage when the decoder
    finds the data damaged.
    """
    try:
        if not _is_affordable(info):
            return Preview()
        with decoding(file, info.format) as picture:
            # JPEG only: a decoder that skips what the smaller picture does not need.
            picture.draft("RGB", (SIDE, SIDE))
            copy = _flattened(picture)
        wide = copy.width >= copy.height
        parts = (4, 3) if wide else (3, 4)
        blurhash = encode_rgb(copy.tobytes(), *copy.size, *parts)
        return Preview(blurhash, _dominant_color(copy), perceptual_hash(copy))
    except DecoderBusy:
        return Preview()
    except Exception as error:
        if is_damage(error):
            raise InvalidImage(
                "The file is damaged: its picture cannot be decoded."
            ) from error
        # Decoders raise nearly anything, also for pictures that browsers show.
        logger.warning("A picture of format %s has no preview: %r", info.format, error)
        return Preview()
    finally:
        file.seek(0)


def _is_affordable(info: ImageInfo) -> bool:
    """Tell whether decoding stays below 80 MiB, by a generous estimate.

    The limits are 83 megapixels of JPEG, 13 of progressive JPEG, 20 of PNG, 16 of
    GIF, 5 of WebP and 4 of AVIF. The decoders of the last two read the whole file.
    HEIC is not decoded, nor are sequences of AVIF.
    """
    pixels = info.width * info.height
    if info.format == "jpeg":
        a_pixel = _JPEG if info.scans == 1 else _JPEG_IN_SCANS
    elif info.format == "heic" or (info.format == "avif" and not info.decoded_pixels):
        return False
    else:
        a_pixel = _BYTES_A_PIXEL[info.format]
        pixels = max(pixels, info.decoded_pixels)
    needed = pixels * a_pixel
    if info.format in ("webp", "avif"):
        needed += info.size
    return needed <= MAX_MEMORY and info.scans <= _MAX_SCANS


def _flattened(picture: Picture.Image) -> Picture.Image:
    """Return a copy of at most 64 x 64 pixels: in RGB, upright, on white."""
    # Palettes cannot be averaged.
    small = picture.convert("RGBA") if picture.mode == "P" else picture
    small.thumbnail((SIDE, SIDE), Picture.Resampling.BOX)
    if small.mode.startswith("I"):
        # 16 bits of grey, which the conversion to colours would clip.
        small = small.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    # The thumbnail keeps the EXIF data that say how the picture is turned.
    small = ImageOps.exif_transpose(small).convert("RGBA")
    ground = Picture.new("RGBA", small.size, "white")
    return Picture.alpha_composite(ground, small).convert("RGB")


def _dominant_color(copy: Picture.Image) -> str:
    """Return the mean of the largest of eight groups of colours."""
    # A quarter of the points gives the same groups in a quarter of the time.
    groups = copy.reduce(2).quantize(8)
    palette = groups.getpalette() or []
    _, index = max(cast(list[tuple[int, int]], groups.getcolors()))
    red, green, blue = palette[3 * index : 3 * index + 3]
    return f"#{red:02x}{green:02x}{blue:02x}"


def perceptual_hash(picture: Picture.Image) -> int:
    """Return 64 bits, as a signed integer, that similar pictures share.

    The difference hash: does the brightness grow from each point to its right
    neighbour, on a grid of 9 by 8? (N. Krawetz, "Kind of Like That", 2013.)
    """
    grid = picture.convert("L").resize((9, 8), Picture.Resampling.BOX)
    points = grid.tobytes()
    bits = 0
    for start in range(0, len(points), 9):
        for point, neighbour in pairwise(points[start : start + 9]):
            bits = bits << 1 | (point < neighbour)
    return bits - (1 << 64) if bits >> 63 else bits
