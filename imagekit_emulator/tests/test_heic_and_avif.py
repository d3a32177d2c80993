"""HEIC and AVIF: their sizes, and their delivery in other formats."""

import io

import pillow_heif
import pytest
from PIL import Image

from imagekit_emulator.tests.pictures import ORIENTATION, make_image, open_image

BROWSER = "image/avif,image/webp,image/apng,*/*;q=0.8"


def make_heic(*colours: str, orientation: int = 1) -> bytes:
    """Return pictures of 128 x 64 pixels; the last one is the primary picture."""
    file = pillow_heif.HeifFile()
    for colour in colours or ("red",):
        file.add_from_pillow(Image.new("RGB", (128, 64), colour))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    target = io.BytesIO()
    # This writes the box `irot`.
    file.save(target, primary_index=-1, exif=exif.tobytes())
    return target.getvalue()


def make_avif(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return make_image(128, 64, "AVIF", exif=exif.tobytes())


@pytest.mark.parametrize(("make", "format"), [(make_heic, "heic"), (make_avif, "avif")])
def test_details__have_the_size_as_displayed(upload, sdk, make, format):
    file = upload("/a.bin", make(orientation=6))
    found = sdk.files.get(file.file_id)
    assert (found.mime, found.width, found.height) == (f"image/{format}", 64, 128)


@pytest.mark.parametrize(
    ("accept", "tr", "mime"),
    [
        ("*/*", "", "image/jpeg"),
        ("", "f-auto", "image/jpeg"),
        (BROWSER, "", "image/webp"),
        ("image/heic", "f-orig", "image/jpeg"),
        ("*/*", "f-jpg", "image/jpeg"),
        (BROWSER, "f-png", "image/png"),
        ("*/*", "f-avif", "image/avif"),
    ],
)
def test_heic__is_never_delivered_as_heic(upload, fetch, accept, tr, mime):
    upload("/a.heic", make_heic(orientation=6))
    answer = fetch(f"/a.heic?tr={tr}", accept)
    assert answer.headers["content-type"] == mime
    assert open_image(answer.content).size == (64, 128)


def test_heic__of_several_pictures_is_delivered_as_the_primary_one(upload, fetch):
    upload("/a.heic", make_heic("blue", "red"))
    picture = open_image(fetch("/a.heic?tr=w-16,f-png").content)
    red, green, blue = picture.getpixel((8, 4))[:3]
    assert red > 200
    assert green < 50 > blue


def test_heic__that_cannot_be_decoded_is_an_error(upload, fetch):
    upload("/a.heic", make_heic()[:-200])
    assert fetch("/a.heic").status_code == 400


def test_heic__is_stored_as_jpeg_by_a_pre_transformation(upload, fetch, sdk):
    file = upload("/a.heic", make_heic(), transformation={"pre": "f-orig"})
    assert sdk.files.get(file.file_id).mime == "image/jpeg"


@pytest.mark.parametrize(
    ("accept", "tr", "mime"),
    [
        ("image/avif,*/*", "", "image/avif"),
        ("image/jpeg", "f-auto", "image/jpeg"),
        (BROWSER, "f-auto", "image/webp"),
        ("*/*", "f-png", "image/png"),
    ],
)
def test_avif__is_converted_for_those_who_do_not_take_it(
    upload, fetch, accept, tr, mime
):
    upload("/a.avif", make_avif(orientation=6))
    answer = fetch(f"/a.avif?tr={tr}", accept)
    assert answer.headers["content-type"] == mime
    assert open_image(answer.content).size == (64, 128)


@pytest.mark.parametrize("make", [make_heic, make_avif])
def test_original__is_the_stored_file(upload, fetch, make):
    upload("/a.jpg", make())
    assert fetch("/a.jpg?tr=orig-true").content == make()


def test_avif__is_found_among_the_compatible_brands(upload, sdk):
    content = make_avif()
    assert content[8:12] == b"avif"
    file = upload("/a.avif", content[:8] + b"mif1" + content[12:])
    assert sdk.files.get(file.file_id).mime == "image/avif"
