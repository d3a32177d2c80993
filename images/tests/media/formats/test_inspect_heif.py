"""HEIC and AVIF files: what encoders write, and what others make of it."""

import io
from dataclasses import replace

import pillow_heif
import pytest
from PIL import Image, ImageOps

from images.media.formats import inspect_image
from images.media.formats.info import TooManyFrames, TooManyPixels
from images.tests.media.formats import samples as s
from images.tests.media.formats.heif_boxes import (
    Item,
    box,
    clap,
    heif,
    imir,
    irot,
    ispe,
)
from images.tests.media.formats.heif_samples import (
    coded,
    exif_item,
    good_heifs,
    grid,
    with_properties,
)

CODECS = ["av01", "hvc1"]
FORMATS = {"av01": "avif", "hvc1": "heic"}


def inspect(content, max_pixels=50_000_000, max_frames=500):
    return inspect_image(
        io.BytesIO(content), max_pixels=max_pixels, max_frames=max_frames
    )


def shown_by_decoder(content):
    """Return the size that a decoder shows; it refuses files that it cannot read."""
    if inspect(content).format == "heic":
        file = pillow_heif.open_heif(content)
        return file[file.primary_index].to_pillow().size
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        return ImageOps.exif_transpose(image).size


def variants(codec):
    picture = coded(codec)
    return {
        "plain": heif(picture, codec=codec),
        "meta-last": heif(picture, codec=codec, meta_last=True),
        "in-idat": heif(replace(picture, method=1), codec=codec, version=1),
        "pieces": heif(replace(picture, pieces=3), codec=codec, version=2),
        "base": heif(picture, codec=codec, version=1, sizes=(0, 4, 4)),
        "wide": heif(picture, codec=codec, version=2, sizes=(8, 8, 8)),
        "long-mdat": heif(picture, codec=codec, long_mdat=True),
        "open-mdat": heif(picture, codec=codec, open_mdat=True),
        "turned": heif(with_properties(picture, irot(1)), codec=codec),
        "upside-down": heif(with_properties(picture, irot(2)), codec=codec),
        "mirrored": heif(with_properties(picture, imir(1)), codec=codec),
        "grid": grid(codec),
        "many-tiles": grid(codec, 8, 6, size=(500, 380)),
        "turned-grid": grid(codec, properties=(irot(3),)),
        "second-is-primary": heif(
            coded(codec, 64, 64), coded(codec), primary=2, codec=codec
        ),
    }


@pytest.mark.parametrize("name", variants("av01"))
@pytest.mark.parametrize("codec", CODECS)
def test_inspect_heif__agrees_with_a_decoder(codec, name):
    content = variants(codec)[name]

    info = inspect(content)

    assert info.format == FORMATS[codec]
    assert (info.width, info.height) == shown_by_decoder(content)
    assert (info.size, info.frames, info.orientation) == (len(content), 1, 1)


@pytest.mark.parametrize("codec", CODECS)
def test_inspect_heif__data_in_another_item(codec):
    picture = coded(codec)
    parts = Item(b"data", picture.data), replace(picture, method=2)

    info = inspect(heif(*parts, primary=2, codec=codec, version=1))

    assert (info.width, info.height) == (128, 64)


@pytest.mark.parametrize("codec", CODECS)
def test_inspect_heif__crops_then_turns(codec):
    cropped = with_properties(coded(codec), clap(40, 20, -88, -44), irot(1))

    info = inspect(heif(cropped, codec=codec))

    assert (info.width, info.height) == (20, 40)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_inspect_heif__exif_turns_a_heic_that_nothing_else_turns(orientation):
    exif = exif_item(orientation)
    plain, turned = coded("hvc1"), with_properties(coded("hvc1"), irot(2))

    alone = inspect(heif(plain, exif, codec="hvc1"))
    beside = inspect(heif(turned, exif, codec="hvc1"))

    expected = (64, 128) if orientation > 4 else (128, 64)
    assert (alone.width, alone.height) == expected
    assert alone.orientation == orientation
    assert (beside.width, beside.height, beside.orientation) == (128, 64, 1)


def test_inspect_heif__exif_of_another_picture_does_not_count():
    items = coded("hvc1"), coded("hvc1", 64, 64), exif_item(6)

    info = inspect(heif(*items, codec="hvc1", references=[(b"cdsc", 3, (2,))]))

    assert info.orientation == 1


def test_inspect_heif__exif_turns_no_avif():
    """Neither browsers nor Pillow look at it."""
    content = heif(coded("av01"), exif_item(6))

    info = inspect(content)

    assert (info.width, info.height) == shown_by_decoder(content) == (128, 64)
    assert info.orientation == 1


@pytest.mark.parametrize("count", [2, 5])
def test_inspect_heif__frames_of_a_sequence(count):
    content = s.animation("AVIF", count)

    info = inspect(content)

    assert (info.format, info.frames) == ("avif", count)
    with pytest.raises(TooManyFrames):
        inspect(content, max_frames=count - 1)


@pytest.mark.parametrize("codec", CODECS)
def test_inspect_heif__the_name_of_the_brand_may_come_late(codec):
    major = (b"mif1", b"miaf", b"avif" if codec == "av01" else b"heic")

    assert inspect(heif(coded(codec), codec=codec, major=major)).width == 128


@pytest.mark.parametrize("behind", [b"\n", bytes(99), b"SEFH" * 9, box(b"mpvd", b"x")])
def test_inspect_heif__data_behind_the_end_do_not_count(behind):
    content = good_heifs()["heic"]

    assert inspect(content + behind) == inspect(content)


def test_inspect_heif__a_film_behind_the_end_does_not_count():
    film = box(b"ftyp", b"mp42", bytes(4)) + box(b"mdat", bytes(99)) + box(b"moov")

    assert inspect(good_heifs()["heic"] + film) == inspect(good_heifs()["heic"])


# Limits: the coded frame counts, whatever is shown of it.


@pytest.mark.parametrize(
    "content",
    [
        heif(with_properties(coded("hvc1"), clap(9, 9)), codec="hvc1"),
        grid("hvc1", 2, 2, size=(100, 81)),
        grid("av01", 2, 2, size=(65, 65)),
        heif(replace(coded("av01"), properties=(ispe(8, 8),))),
    ],
    ids=["cropped", "grid", "tiles", "bitstream"],
)
def test_inspect_heif__coded_pixels_count(content):
    with pytest.raises(TooManyPixels):
        inspect(content, max_pixels=8100)


def test_inspect_heif__a_decoder_gets_no_more_pixels_than_counted():
    assert inspect(good_heifs()["avif"]).decoded_pixels == 128 * 64
    assert inspect(good_heifs()["avif-grid"]).decoded_pixels == 6 * 64 * 64
