"""HEIC and AVIF files around pixels that real encoders have coded."""

import functools
import io
from dataclasses import replace
from typing import Any

import pillow_heif
from PIL import Image

from images.tests.media.formats import samples
from images.tests.media.formats.heif_boxes import Item, grid_data, heif, irot, ispe


def coded(codec: str, width: int = 128, height: int = 64, color: Any = None) -> Item:
    """Return a picture as an encoder has written it: its data and properties.

    Sides of HEVC pictures are multiples of 64 here; others would be cropped.
    """
    return _coded(codec, width, height, color)


@functools.cache
def _coded(codec: str, width: int, height: int, color: Any) -> Item:
    size = (width, height)
    picture = Image.new("RGB", size, color) if color else samples.picture(size=size)
    file = io.BytesIO()
    if codec == "av01":
        picture.save(file, "AVIF")
    else:
        pillow_heif.from_pillow(picture).save(file)
    content = file.getvalue()
    names = {"av01": b"av1C", "hvc1": b"hvcC"}
    start = content.index(names[codec]) - 4
    end = start + int.from_bytes(content[start : start + 4], "big")
    data = content[content.index(b"mdat") + 4 :]
    return Item(codec.encode(), data, (content[start:end], ispe(*size)))


def declaring(width: int, height: int, codec: str = "av01") -> Item:
    """Return a small picture that declares another size."""
    picture = coded(codec)
    return replace(picture, properties=(picture.properties[0], ispe(width, height)))


def with_properties(item: Item, *properties: bytes) -> Item:
    return replace(item, properties=item.properties + properties)


def grid(
    codec: str = "av01",
    columns: int = 3,
    rows: int = 2,
    tile: tuple[int, int] = (64, 64),
    size: tuple[int, int] = (180, 120),
    method: int = 1,
    properties: tuple[bytes, ...] = (),
    declared: tuple[int, int] | None = None,
    **options: Any,
) -> bytes:
    """Return a picture of tiles, as phones write it."""
    whole = Item(
        b"grid",
        grid_data(columns, rows, *size),
        (ispe(*size), *properties),
        method=method,
    )
    colors = [(40 * n % 256, 90, 200 - 30 * n % 200) for n in range(columns * rows)]
    tiles = [coded(codec, *tile, color) for color in colors]
    if declared:
        tiles = [declaring(*declared, codec)] * len(tiles)
    numbers = tuple(range(2, len(tiles) + 2))
    options = {"version": 1, **options}
    references = [(b"dimg", 1, numbers), *options.pop("references", ())]
    more = options.pop("items", ())
    return heif(whole, *tiles, *more, codec=codec, references=references, **options)


def exif_item(orientation: int) -> Item:
    """Return EXIF data; the first four bytes say where in them TIFF begins."""
    return Item(b"Exif", bytes(4) + samples.exif(orientation)[6:])


XMP = Item(b"mime", b"<x:xmpmeta/>" * 3, mime=b"application/rdf+xml")


@functools.cache
def good_heifs() -> dict[str, bytes]:
    files = {"avif-animated": samples.animation("AVIF", 3)}
    for name, codec in (("avif", "av01"), ("heic", "hvc1")):
        picture = coded(codec)
        about = [(b"cdsc", 2, (1,)), (b"cdsc", 3, (1,))]
        files |= {
            name: heif(picture, codec=codec),
            f"{name}-turned": heif(with_properties(picture, irot(1)), codec=codec),
            f"{name}-exif": heif(
                picture, exif_item(6), XMP, codec=codec, references=about
            ),
            f"{name}-meta-last": heif(picture, codec=codec, meta_last=True),
            f"{name}-grid": grid(codec),
        }
    return files


def all_good_files() -> dict[str, bytes]:
    return {**samples.good_files(), **good_heifs()}
