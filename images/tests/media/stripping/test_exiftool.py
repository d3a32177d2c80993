"""What a program that we did not write still finds."""

import io

import pytest

from images.media.formats import inspect_image
from images.media.stripping import strip_metadata
from images.tests.media.stripping.photographs import decoded, plain_files, private

EXIF = {"camera", "copyright", "gps", "software", "thumbnail", "time"}
REMOVED = {
    "jpg": {*EXIF, "c2pa", "comment", "iptc", "other", "trailing_data", "xmp"},
    "png": {*EXIF, "c2pa", "comment", "iptc", "other", "trailing_data", "xmp"},
    "webp": {*EXIF, "c2pa", "comment", "trailing_data", "xmp"},
    "gif": {"c2pa", "comment", "trailing_data", "xmp"},
    "heic": {*EXIF, "comment", "trailing_data", "xmp"},
    "avif": {*EXIF, "comment", "trailing_data", "xmp"},
}


def format_of(name):
    return name.partition(".")[2].replace("jpg", "jpeg")


def strip(content, name, keep=()):
    return strip_metadata(io.BytesIO(content), format_of(name), keep)


def test_strip__exiftool_finds_the_orientation_only(photos, exiftool):
    before = exiftool(photos)
    after = exiftool({name: strip(photos[name], name).read() for name in photos})

    for name, tags in after.items():
        assert len(private(before[name])) >= 7
        # Browsers ignore the orientation in EXIF data of AVIF and WebP.
        is_turned = not name.endswith(("gif", "avif", "webp"))
        orientation = {"IFD0:Orientation"} if is_turned else set()
        assert private(tags) == orientation, name


def test_strip__exiftool_finds_the_icc_profile_and_the_resolution(photos, exiftool):
    names = ["baseline.jpg", "rgb.png", "lossy.webp"]
    seen = exiftool({name: strip(photos[name], name).read() for name in names})

    for tags in seen.values():
        assert "ICC_Profile:ProfileDescription" in tags
    assert "JFIF:XResolution" in seen["baseline.jpg"]
    assert "PNG-pHYs:PixelsPerUnitX" in seen["rgb.png"]


def test_strip__with_copyright_kept(photos, exiftool):
    kept = {
        name: strip(photos[name], name, ["copyright"]).read()
        for name in ("baseline.jpg", "palette.png", "lossy.webp", "still.gif")
    }
    seen = exiftool(kept)

    rights = {"IFD0:Artist", "IFD0:Copyright", "IFD0:Orientation"}
    assert private(seen["baseline.jpg"]) == rights
    assert private(seen["lossy.webp"]) == rights - {"IFD0:Orientation"}
    assert private(seen["palette.png"]) == {*rights, "PNG:Author"}
    assert private(seen["still.gif"]) == set()
    assert b"(c) Ann Archer\0" in kept["baseline.jpg"]


def test_strip__with_c2pa_kept(photos, exiftool):
    name = "baseline.jpg"
    assert any(tag.startswith("JUMBF") for tag in exiftool(photos)[name])

    seen = exiftool({name: strip(photos[name], name, ["c2pa"]).read()})[name]

    groups = {tag.partition(":")[0] for tag in private(seen)}
    assert groups == {"IFD0", "JUMBF"}


@pytest.mark.parametrize("name", plain_files())
def test_strip__names_what_it_removed(photos, name):
    stripped = strip(photos[name], name)

    assert set(stripped.removed) == REMOVED[name.partition(".")[2]]
    assert stripped.removed == sorted(stripped.removed)


@pytest.mark.parametrize("name", plain_files())
def test_strip__pillow_decodes_the_same(photos, name):
    stripped = strip(photos[name], name).read()

    assert list(decoded(stripped)) == list(decoded(plain_files()[name]))


@pytest.mark.parametrize("name", plain_files())
def test_strip__the_facts_are_the_same(photos, name):
    limits = {"max_pixels": 10**6, "max_frames": 10}
    stripped = strip(photos[name], name)
    before = inspect_image(io.BytesIO(photos[name]), **limits)
    after = inspect_image(stripped, **limits)

    assert after.size == stripped.size <= before.size
    for fact in ("format", "width", "height", "orientation", "frames"):
        assert getattr(after, fact) == getattr(before, fact)


@pytest.mark.parametrize("name", plain_files())
def test_strip__a_second_time_changes_nothing(photos, name):
    for keep in ([], ["copyright", "c2pa"]):
        once = strip(photos[name], name, keep).read()
        twice = strip(once, name, keep)

        assert twice.read() == once
        assert twice.removed == []
