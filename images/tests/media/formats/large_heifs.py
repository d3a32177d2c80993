"""HEIC and AVIF files that cost a careless reader most."""

import functools
from dataclasses import replace

from images.media.formats.items import MAX_ENTRIES
from images.tests.media.formats.heif_boxes import Item, box, grid_data, heif, ispe
from images.tests.media.formats.heif_samples import coded, exif_item


@functools.cache
def large_heif(name: str, size: int) -> tuple[bytes, str]:
    """Return a file of about so many bytes, and its format."""
    photo = replace(coded("hvc1"), data=bytes(range(1, 256)) * (size // 255))
    picture = coded("av01")
    if name == "photo":
        return heif(photo, exif_item(6), codec="hvc1"), "heic"
    if name == "xmp":
        xmp = Item(b"mime", b"x" * size, mime=b"application/rdf+xml")
        return heif(picture, xmp), "avif"
    if name == "exif":
        return heif(picture, Item(b"Exif", b"x" * size)), "avif"
    if name == "unused":
        return heif(picture, open_mdat=True, behind=b"x" * size), "avif"
    if name == "boxes":
        return heif(picture, more=box(b"abcd") * 4000), "avif"
    if name == "nested":
        inner = box(b"trak", box(b"mdia", box(b"free") * (size // 8)))
        return heif(picture, behind=box(b"moov", inner)), "avif"
    if name == "extents":
        count = MAX_ENTRIES - 20
        return heif(picture, Item(b"uri ", b"xy" * count, pieces=count)), "avif"
    if name == "tiles":
        # Each tile has its size behind as many properties as there can be.
        tile = replace(picture, properties=(box(b"free"),) * 254 + (ispe(64, 64),))
        whole = Item(b"grid", grid_data(56, 250, 3584, 16_000), (ispe(3584, 16_000),))
        references = [(b"dimg", 1, (2,) * 56 * 250)]
        return heif(whole, tile, references=references), "avif"
    kind = b"Exif" if name == "exif-items" else b"uri "
    others = [Item(kind, b"x")] * (MAX_ENTRIES // 4)
    return heif(picture, *others), "avif"


NAMES = ["photo", "xmp", "exif", "unused", "boxes", "nested", "extents", "items"]
NAMES += ["exif-items", "tiles"]
