"""Placeholders: right, cheap, and never a reason to refuse an upload."""

import io
import time

import pytest
from blurhash_rs import blurhash_decode
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Picture
from PIL import ImageDraw, ImageFilter

from images.media.formats import inspect_image
from images.media.previews import Preview, make_preview
from images.models import Image
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


@pytest.mark.django_db
def test_create__succeeds_when_the_decoder_does_not(api):
    """The structure is sound, the compressed pixels are not."""
    content = bytearray(picture_bytes(300, 300, "png"))
    start = content.index(b"IDAT") + 12
    chunk_end = start + 40
    content[start:chunk_end] = bytes(40)
    file = SimpleUploadedFile("a", mended(bytes(content)), "image/png")
    response = api.post(URL, {"file": file}, format="multipart")
    assert response.status_code == 201
    body = response.json()
    assert (body["placeholder"], body["dominant_color"]) == (None, None)


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


def mended(png: bytes) -> bytes:
    """Return a PNG file whose first IDAT chunk has the right checksum again."""
    import zlib

    start = png.index(b"IDAT")
    end = start + 4 + int.from_bytes(png[start - 4 : start], "big")
    return png[:end] + zlib.crc32(png[start:end]).to_bytes(4, "big") + png[end + 4 :]
