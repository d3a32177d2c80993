"""What stays of HEIC and AVIF files and what goes; every offset stays as it is."""

import io
from dataclasses import replace

import pytest
from PIL import Image

from images.media.formats.info import InvalidImage
from images.media.stripping import strip_metadata
from images.media.stripping.heif import EMPTY_XMP
from images.tests.media.formats import samples as s
from images.tests.media.formats.heif_boxes import (
    Item,
    heif,
    irot,
)
from images.tests.media.formats.heif_samples import (
    XMP,
    coded,
    exif_item,
    good_heifs,
    with_properties,
)
from images.tests.media.stripping.heif_files import PICTURE, SECRET, strip


def exif_in(content):
    """Return the TIFF block that stands in the place of the EXIF data."""
    return content[content.index(b"MM\0*") :]


@pytest.mark.parametrize("name", good_heifs())
def test_strip_heif__overwrites_in_place(name):
    content = good_heifs()[name]

    stripped = strip(content)

    assert stripped.size == len(content) == len(stripped.read())


def test_strip_heif__the_orientation_stays_where_it_counts():
    turned = with_properties(coded("hvc1"), irot(1))

    alone = strip(heif(coded("hvc1"), exif_item(6), codec="hvc1"))
    beside = strip(heif(turned, exif_item(6), codec="hvc1"))
    in_avif = strip(heif(PICTURE, exif_item(6)))

    assert alone.removed == beside.removed == in_avif.removed == ["camera", "gps"]
    assert exif_in(alone.read())[8:22] == bytes.fromhex("00010112000300000001 00060000")
    for other in (beside, in_avif):
        assert not any(exif_in(other.read())[8:])


def test_strip_heif__pillow_reads_the_exif_data_that_are_left():
    out = strip(heif(PICTURE, exif_item(3), references=[(b"cdsc", 2, (1,))])).read()

    with Image.open(io.BytesIO(out)) as image:
        assert set(image.getexif()) <= {s.ORIENTATION}
        assert image.getexif().get(s.ORIENTATION, 1) == 1


def test_strip_heif__xmp_becomes_an_empty_block_and_spaces():
    long = replace(XMP, data=SECRET * 3)
    content = heif(PICTURE, long, replace(XMP, data=SECRET))

    stripped = strip(content)

    assert stripped.removed == ["xmp"]
    expected = EMPTY_XMP.ljust(3 * len(SECRET)) + b" " * len(SECRET)
    assert stripped.read() == content.replace(SECRET * 4, expected)


@pytest.mark.parametrize(
    ("item", "removed"),
    [
        (Item(b"mime", SECRET, mime=b"text/plain"), "other"),
        (Item(b"uri ", SECRET), "other"),
        (Item(b"jpeg", SECRET), "thumbnail"),
        (Item(b"abcd", SECRET, method=1), "other"),
        (Item(b"Exif", SECRET), "other"),
        (Item(b"Exif", b""), None),
        (Item(b"mime", SECRET, mime=b"application/rdf+xml", pieces=5), "xmp"),
    ],
    ids=lambda value: value.kind.decode() if isinstance(value, Item) else None,
)
def test_strip_heif__removes_items(item, removed):
    content = heif(PICTURE, item, version=1)

    stripped = strip(content)

    out = stripped.read()
    assert stripped.removed == ([removed] if removed else [])
    assert SECRET[:5] not in out
    assert len(out) == len(content)


def test_strip_heif__names_of_parts_go_unsaid():
    content = s.save(s.picture("RGBA"), "AVIF")
    assert b"Color" in content

    stripped = strip(content)

    assert stripped.removed == []
    for name in (b"libavif", b"Color"):
        assert name not in stripped.read()


@pytest.mark.parametrize("keep", [[], ["copyright"]])
def test_strip_heif__the_copyright_may_stay(keep):
    data = Image.Exif()
    data[0x8298] = "(c) Ann Archer"
    content = heif(PICTURE, Item(b"Exif", bytes(4) + data.tobytes()[6:]))

    stripped = strip(content, keep)

    assert stripped.removed == ([] if keep else ["copyright"])
    assert (b"(c) Ann Archer" in stripped.read()) == bool(keep)


def test_strip_heif__data_of_no_item_go():
    unnamed = heif(PICTURE, open_mdat=True, behind=SECRET)
    stripped = strip(unnamed)
    assert stripped.removed == ["other"]
    assert stripped.read() == unnamed.replace(SECRET, bytes(len(SECRET)))


def test_strip_heif__pixels_stay_where_metadata_claim_them():
    exif = Item(b"Exif", PICTURE.data, method=2)
    content = heif(PICTURE, exif, version=1)

    assert strip_metadata(io.BytesIO(content), "avif").read() == content


def test_strip_heif__data_that_two_items_share_go():
    content = heif(
        PICTURE, Item(b"uri ", SECRET), Item(b"Exif", SECRET, method=2), version=1
    )

    assert SECRET not in strip_metadata(io.BytesIO(content), "avif").read()


def test_strip_heif__a_sequence_loses_its_times_and_what_is_about_it():
    content = s.animation("AVIF", 3)
    at = content.index(b"mvhd") + 8
    content = content[:at] + b"\0\0\0\0\xe0\0\0\0" * 2 + content[at + 16 :]

    stripped = strip(content)

    assert stripped.removed == ["time"]
    assert not any(stripped.read()[at : at + 16])


@pytest.mark.parametrize("name", good_heifs())
@pytest.mark.parametrize("keep", [[], ["copyright", "c2pa"]])
def test_strip_heif__a_second_time_changes_nothing(name, keep):
    once = strip(good_heifs()[name], keep).read()

    twice = strip(once, keep)

    assert twice.read() == once
    assert twice.removed == []


def test_strip_heif__refuses_a_truncated_file():
    content = good_heifs()["heic"]

    with pytest.raises(InvalidImage):
        strip_metadata(io.BytesIO(content[:-1]), "heic")
