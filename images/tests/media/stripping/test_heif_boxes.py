"""The boxes of HEIC and AVIF files that stay, and those that go."""

import pytest

from images.media.stripping.heif_boxes import C2PA_UUID, XMP_UUID
from images.tests.media.formats.heif_boxes import (
    box,
    full_box,
    heif,
    number,
)
from images.tests.media.formats.heif_samples import (
    good_heifs,
    with_properties,
)
from images.tests.media.stripping.heif_files import FILM, PICTURE, SECRET, strip


@pytest.mark.parametrize(
    ("kind", "removed"),
    [
        (b"free", "other"),
        (b"skip", "other"),
        (b"mpvd", "trailing_data"),
        (b"jumb", "c2pa"),
        (b"abcd", "other"),
        (b"uuid", "other"),
        (b"meta", "other"),
    ],
)
def test_strip_heif__removes_boxes_between_others(kind, removed):
    more = box(kind, SECRET)
    content = heif(PICTURE) + more + box(b"mdat")

    stripped = strip(content)

    free = box(b"free", bytes(len(SECRET)))
    assert stripped.read() == content.replace(more, free)
    assert stripped.removed == [removed]


@pytest.mark.parametrize(
    ("more", "removed"),
    [
        (box(b"uuid", XMP_UUID, SECRET), "xmp"),
        (box(b"xml ", SECRET), "xmp"),
        (box(b"udta", SECRET), "other"),
    ],
)
def test_strip_heif__removes_boxes_beside_the_tables(more, removed):
    stripped = strip(heif(PICTURE, more=more))

    assert stripped.removed == [removed]
    assert SECRET not in stripped.read()


@pytest.mark.parametrize(
    ("more", "removed"),
    [
        (full_box(b"udes", SECRET), "comment"),
        (full_box(b"crtt", number(4711, 8)), "time"),
        (box(b"uuid", SECRET), "other"),
        (box(b"colr", b"nclx", bytes.fromhex("0001000d000680")), None),
    ],
)
def test_strip_heif__removes_properties(more, removed):
    content = heif(with_properties(PICTURE, more))

    stripped = strip(content)

    assert stripped.removed == ([removed] if removed else [])
    assert (more in stripped.read()) == (removed is None)


def test_strip_heif__c2pa_may_stay():
    manifest = box(b"uuid", C2PA_UUID, SECRET)
    content = heif(PICTURE, more=manifest)

    assert strip(content).removed == ["c2pa"]
    kept = strip(content, ["c2pa"])
    assert kept.removed == []
    assert kept.read() == content


@pytest.mark.parametrize(
    "behind",
    [SECRET, FILM, box(b"mpvd", FILM), b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data"],
    ids=["text", "film", "film-in-a-box", "phone"],
)
def test_strip_heif__nothing_behind_the_end_is_stored(behind):
    content = good_heifs()["heic"]

    stripped = strip(content + behind)

    assert stripped.read() == content
    assert stripped.removed == ["trailing_data"]
