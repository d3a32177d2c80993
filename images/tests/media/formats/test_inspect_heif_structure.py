"""One HEIC or AVIF file for each rule that it breaks."""

import io
from dataclasses import replace

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.formats.items import MAX_ENTRIES
from images.tests.media.formats import samples as s
from images.tests.media.formats.heif_boxes import (
    Item,
    box,
    clap,
    full_box,
    grid_data,
    heif,
    ispe,
    number,
)
from images.tests.media.formats.heif_samples import XMP, coded, with_properties


def inspect(content):
    return inspect_image(io.BytesIO(content), max_pixels=10**6, max_frames=500)


PICTURE = coded("av01")
WITHOUT_SIZE = replace(PICTURE, properties=PICTURE.properties[:1])
TILE = coded("av01", 64, 64)
SMALL_GRID = Item(b"grid", grid_data(2, 1, 128, 64), (ispe(128, 64),))


def grid_of(whole, *tiles, count=None):
    numbers = tuple(range(2, 2 + (len(tiles) if count is None else count)))
    return heif(whole, *tiles, references=[(b"dimg", 1, numbers)])


META = full_box(b"meta", full_box(b"hdlr", bytes(20)))
FTYP = box(b"ftyp", b"avif", bytes(4))
BAD = {
    "film": heif(PICTURE, major=(b"isom", b"mp42")),
    "wrong-brand": heif(PICTURE, major=(b"heic",)),
    "no-boxes": FTYP,
    "empty-meta": FTYP + META,
    "endless-brands": number(5000) + b"ftyp" + b"avif" * 2000,
    "no-primary": heif(PICTURE, primary=9),
    "primary-is-text": heif(XMP, PICTURE),
    "unknown-codec": heif(replace(PICTURE, kind=b"avc1")),
    "no-size": heif(WITHOUT_SIZE),
    "zero-size": heif(replace(WITHOUT_SIZE, properties=(ispe(0, 9),))),
    "no-data": heif(replace(PICTURE, data=b"")),
    "no-sequence-header": heif(replace(PICTURE, data=bytes(99))),
    "crop-by-zero": heif(with_properties(PICTURE, box(b"clap", bytes(32)))),
    "crop-to-more": heif(with_properties(PICTURE, clap(129, 9))),
    "short-crop": heif(with_properties(PICTURE, box(b"clap", bytes(9)))),
    "grid-without-data": grid_of(replace(SMALL_GRID, data=bytes(7)), TILE, TILE),
    "grid-of-two-sizes": grid_of(
        replace(SMALL_GRID, properties=(ispe(99, 64),)), TILE, TILE
    ),
    "grid-with-a-tile-less": grid_of(SMALL_GRID, TILE),
    "grid-of-nothing": grid_of(SMALL_GRID),
    "grid-of-missing-tiles": grid_of(SMALL_GRID, TILE, count=2),
    "grid-of-itself": heif(SMALL_GRID, references=[(b"dimg", 1, (1, 1))]),
    "grid-of-unequal-tiles": grid_of(SMALL_GRID, TILE, coded("av01", 64, 128)),
    "grid-of-small-tiles": grid_of(
        Item(b"grid", grid_data(2, 1, 200, 64), (ispe(200, 64),)), TILE, TILE
    ),
    "items-in-a-circle": heif(
        replace(PICTURE, method=2),
        version=1,
        references=[(b"iloc", 1, (1,))],
    ),
    "box-past-its-container": heif(PICTURE, more=number(99) + b"free"),
    "box-without-a-name": heif(PICTURE, more=number(8) + bytes(4)),
    "box-of-seven-bytes": heif(PICTURE, more=number(7) + b"free"),
    "old-item": heif(PICTURE).replace(b"infe\x02", b"infe\x01"),
    "no-lengths": heif(PICTURE, sizes=(4, 0, 0)),
    "strange-sizes": heif(PICTURE).replace(
        b"iloc" + bytes(4) + b"\x44", b"iloc\0\0\0\0\x34"
    ),
    "too-many-boxes": heif(PICTURE, more=box(b"free") * 5000),
    "too-many-top-boxes": box(b"ftyp", b"avif", bytes(4)) + box(b"free") * 2000,
    "too-many-references": heif(PICTURE, references=[(b"cdsc", 1, (1,) * 20_000)]),
    "sound": s.animation("AVIF", 2).replace(b"pict", b"soun"),
    "track-without-samples": s.animation("AVIF", 2).replace(b"stsz", b"xxxx"),
}


@pytest.mark.parametrize("name", BAD)
def test_inspect_heif__against_a_rule(name):
    with pytest.raises(InvalidImage) as refusal:
        inspect(BAD[name])

    assert refusal.value.code == "invalid_image"


def test_inspect_heif__as_many_entries_as_there_can_be():
    tiles = (1,) * (MAX_ENTRIES - 20)
    content = heif(PICTURE, references=[(b"auxl", 1, tiles)])

    assert inspect(content).width == 128
