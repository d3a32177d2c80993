"""Placeholders: right and cheap; damaged pixels are refused."""

import io
import time
import zlib
from dataclasses import replace

import pytest
from blurhash_rs import blurhash_decode
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture
from PIL import ImageDraw, ImageFilter

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.previews import Preview, make_preview
from images.models import Image
from images.tests.media.formats.heif_boxes import heif
from images.tests.media.formats.heif_samples import coded, good_heifs
from images.tests.media.formats.samples import png_chunk
from images.tests.pictures import picture_bytes

URL = "/api/v1/images/"
RED, BLUE = (220, 20, 20), (20, 20, 220)


def encode(picture, format="JPEG", **options) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def halves(size=(400, 200), mode="RGB") -> Picture.Image:
    """Return a picture that is red on the left, and blue on the right third."""
    picture = Picture.new("RGB", size, RED)
    width, height = size
    ImageDraw.Draw(picture).rectangle((width * 2 // 3, 0, width, height), BLUE)
    return picture.convert(mode)


def preview_of(content: bytes) -> Preview:
    info = inspect_image(io.BytesIO(content), max_pixels=10**8, max_frames=10)
    return make_preview(ContentFile(content), info)


def is_near(colour, expected, by=50) -> bool:
    return all(abs(a - b) < by for a, b in zip(colour, expected, strict=True))


@pytest.mark.parametrize(
    ("format", "mode"),
    [
        ("JPEG", "RGB"),
        ("JPEG", "CMYK"),
        ("PNG", "RGB"),
        ("PNG", "P"),
        ("PNG", "RGBA"),
        ("WEBP", "RGB"),
        ("GIF", "P"),
    ],
)
def test_preview__looks_like_the_picture(format, mode):
    preview = preview_of(encode(halves(mode=mode), format))
    small = blurhash_decode(preview.placeholder, 32, 16)
    assert is_near(small.getpixel((2, 8)), RED)
    assert is_near(small.getpixel((30, 8)), BLUE)
    colour = bytes.fromhex(preview.dominant_color.removeprefix("#"))
    assert is_near(colour, RED, by=12)


def test_preview__is_of_the_picture_as_displayed():
    turned = Picture.Exif()
    turned[0x0112] = 6
    preview = preview_of(encode(halves(), exif=turned))
    small = blurhash_decode(preview.placeholder, 16, 32)
    # Clockwise: what was on the left is at the top.
    assert is_near(small.getpixel((8, 2)), RED)
    assert is_near(small.getpixel((8, 30)), BLUE)


@pytest.mark.parametrize(
    ("mode", "colour"), [("L", 128), ("I;16", 128 * 257), ("LA", (128, 255)), ("1", 1)]
)
def test_preview__of_grey_pictures(mode, colour):
    grey = Picture.new(mode, (40, 30), colour)
    expected = "#ffffff" if mode == "1" else "#808080"
    assert preview_of(encode(grey, "PNG")).dominant_color == expected


def test_preview__shows_white_where_the_picture_is_transparent():
    clear = Picture.new("RGBA", (40, 30), (255, 0, 0, 0))
    assert preview_of(encode(clear, "PNG")).dominant_color == "#ffffff"


@pytest.mark.parametrize(
    ("format", "pixels"),
    [("PNG", (6000, 5000)), ("GIF", (5000, 4000)), ("WEBP", (3000, 2500))],
)
def test_preview__of_what_costs_too_much_is_none(format, pixels):
    content = encode(Picture.new("L", pixels), format)
    start = time.process_time()
    assert preview_of(content) == Preview()
    assert time.process_time() - start < 0.5


def test_preview__of_too_many_scans_is_none():
    content = encode(halves(), progressive=True)
    assert preview_of(content).placeholder
    info = inspect_image(io.BytesIO(content), max_pixels=10**8, max_frames=10)
    assert 1 < info.scans <= 20
    # Another, empty refinement scan costs the decoder a walk over all pixels.
    start = content.rindex(b"\xff\xda")
    content = content[:-2] + content[start:-2] * 20 + content[-2:]
    assert preview_of(content) == Preview()


def test_preview__of_twelve_megapixels_is_cheap():
    """A photo of two megabytes takes 20 ms of a quiet processor."""
    noise = Picture.effect_noise((4000, 3000), 40).filter(ImageFilter.BoxBlur(1))
    content = encode(noise.convert("RGB"), quality=80)
    info = inspect_image(io.BytesIO(content), max_pixels=10**8, max_frames=10)
    rounds = []
    for _ in range(5):
        start = time.process_time()
        preview = make_preview(ContentFile(content), info)
        rounds.append(time.process_time() - start)
    assert preview.placeholder
    assert min(rounds) < 0.06


@pytest.mark.django_db
def test_create__answers_with_the_preview(api):
    file = SimpleUploadedFile("a", encode(halves()), "image/jpeg")
    body = api.post(URL, {"file": file}, format="multipart").json()
    assert len(body["placeholder"]) == 28
    assert body["dominant_color"].startswith("#d")
    assert api.get(f"{URL}{body['id']}/").json()["placeholder"] == body["placeholder"]


def mended(png: bytes) -> bytes:
    """Return a PNG file whose first IDAT chunk has the right checksum again."""
    start = png.index(b"IDAT")
    end = start + 4 + int.from_bytes(png[start - 4 : start], "big")
    return png[:end] + zlib.crc32(png[start:end]).to_bytes(4, "big") + png[end + 4 :]


def broken_png() -> bytes:
    """Return a PNG whose structure is sound, and whose compressed pixels are not."""
    content = bytearray(picture_bytes(300, 300, "png"))
    start = content.index(b"IDAT") + 12
    content[start : start + 40] = bytes(40)
    return mended(bytes(content))


@pytest.mark.django_db
def test_create__of_a_picture_that_cannot_be_decoded_is_400(api, emulator):
    file = SimpleUploadedFile("a", broken_png(), "image/png")
    response = api.post(URL, {"file": file}, format="multipart")
    assert response.status_code == 400
    (error,) = response.json()["errors"]
    assert (error["code"], error["attr"]) == ("invalid_image", "file")
    assert emulator.requests.counts() == {}


@pytest.mark.parametrize(
    "content",
    [
        broken_png(),
        encode(halves(), "GIF")[:300] + b"\xff" * 20 + encode(halves(), "GIF")[320:],
        heif(replace(coded("av01"), data=coded("av01").data[:40])),
    ],
    ids=["png", "gif", "avif"],
)
def test_preview__of_damaged_pixels_is_refused(content):
    with pytest.raises(InvalidImage, match="cannot be decoded"):
        preview_of(content)


@pytest.mark.parametrize("kind", [b"tRNS", b"pHYs", b"sRGB"])
def test_preview__of_what_only_pillow_refuses_is_none(kind):
    """Browsers skip a chunk that is too short."""
    content = encode(halves(), "PNG")
    assert preview_of(content[:33] + png_chunk(kind) + content[33:]) == Preview()


def test_preview__of_a_damaged_picture_that_costs_too_much_is_none():
    content = broken_png()
    info = inspect_image(io.BytesIO(content), max_pixels=10**8, max_frames=10)
    large = replace(info, width=10_000, height=10_000)
    assert make_preview(ContentFile(content), large) == Preview()


def test_preview__of_avif_looks_like_the_picture():
    turned = Picture.Exif()
    turned[0x0112] = 6
    preview = preview_of(encode(halves(), "AVIF", exif=turned))
    small = blurhash_decode(preview.placeholder, 16, 32)
    assert is_near(small.getpixel((8, 2)), RED)
    assert is_near(small.getpixel((8, 30)), BLUE)


@pytest.mark.parametrize("name", ["heic", "heic-grid", "avif-animated"])
def test_preview__of_what_is_not_decoded_is_none(name):
    assert preview_of(good_heifs()[name]) == Preview()


def test_preview__of_an_avif_counts_what_the_decoder_gets():
    content = encode(halves(), "AVIF")
    info = inspect_image(io.BytesIO(content), max_pixels=10**8, max_frames=10)
    assert make_preview(ContentFile(content), info).placeholder
    for pixels in (0, 5_000_000):
        other = replace(info, decoded_pixels=pixels)
        assert make_preview(ContentFile(content), other) == Preview()


@pytest.mark.django_db
def test_move__of_a_picture_that_cannot_be_decoded(stored_image, api, monkeypatch):
    image = stored_image()

    def fail(*args):
        raise InvalidImage("The file is damaged: its picture cannot be decoded.")

    monkeypatch.setattr("images.services.facts.make_preview", fail)
    answer = api.patch(f"{URL}{image.pk}/", {"visibility": "private"})
    assert answer.status_code == 200
    assert answer.json()["placeholder"] == image.placeholder


@pytest.mark.django_db
def test_move__keeps_the_preview_of_what_is_too_costly_now(
    api, stored_image, monkeypatch
):
    image = stored_image()
    monkeypatch.setattr("images.media.previews._is_affordable", lambda info: False)
    answer = api.patch(f"/api/v1/images/{image.pk}/", {"visibility": "private"}).json()
    assert answer["placeholder"] == image.placeholder
    moved = Image.objects.get()
    assert (moved.dominant_color, moved.perceptual_hash) == (
        image.dominant_color,
        image.perceptual_hash,
    )
