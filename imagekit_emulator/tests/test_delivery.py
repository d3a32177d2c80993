"""Delivered bytes and headers."""

import pytest

from imagekit_emulator.tests.pictures import (
    MAKE,
    make_animation,
    make_halves,
    make_image,
    make_photo,
    open_image,
)

RED, BLUE = (255, 0, 0), (0, 0, 255)


def close(pixel, colour):
    return all(abs(a - b) < 12 for a, b in zip(pixel, colour, strict=False))


@pytest.mark.parametrize(
    "target", ["/x/a.jpg?tr=w-32", "/tr:w-32/x/a.jpg", "/x/tr:w-32/a.jpg"]
)
def test_transformation__in_query_or_path(upload, fetch, target):
    upload("/x/a.jpg", make_image(64, 48))

    answer = fetch(target)

    assert answer.headers["content-type"] == "image/jpeg"
    assert open_image(answer.content).size == (32, 24)


def test_transformation__steps_run_in_turn(upload, fetch):
    upload("/a.png", make_image(64, 48, "PNG"))

    answer = fetch("/a.png?tr=w-32,h-32:rt-90,w-16,h-8")

    assert open_image(answer.content).size == (8, 16)


def test_original__is_unchanged(upload, fetch):
    upload("/a.jpg", make_photo())

    assert fetch("/a.jpg?tr=orig-true,w-5").content == make_photo()


def test_image__is_optimised_without_tr(upload, fetch):
    upload("/a.jpg", make_photo(60, 40, orientation=6))

    plain, kept = fetch("/a.jpg"), fetch("/a.jpg?tr=md-true")

    assert not open_image(plain.content).getexif()
    assert "comment" not in open_image(plain.content).info
    assert open_image(kept.content).getexif()[MAKE] == "Camera works"
    assert open_image(plain.content).size == open_image(kept.content).size == (40, 60)
    assert 0x0112 not in open_image(kept.content).getexif()


@pytest.mark.parametrize(
    ("fmt", "accept", "tr", "mime"),
    [
        ("JPEG", "image/webp,*/*", "", "image/webp"),
        ("JPEG", "*/*", "", "image/jpeg"),
        ("JPEG", "image/webp", "f-png", "image/png"),
        ("PNG", "image/avif,image/png", "", "image/png"),
        ("PNG", "*/*", "f-jpg", "image/jpeg"),
        ("PNG", "*/*", "f-avif", "image/avif"),
        ("PNG", "*/*", "f-gif", "image/png"),
        ("WEBP", "*/*", "", "image/webp"),
        ("WEBP", "image/png,image/jpeg", "", "image/jpeg"),
        ("GIF", "*/*", "f-gif", "image/gif"),
        ("TIFF", "*/*", "", "image/jpeg"),
        ("PNG", "image/webp", "f-orig", "image/png"),
    ],
)
def test_format__by_accept_and_request(upload, fetch, fmt, accept, tr, mime):
    upload("/a.bin", make_image(fmt=fmt))

    answer = fetch(f"/a.bin?tr={tr}", accept=accept)

    assert answer.headers["content-type"] == mime
    assert answer.headers["vary"] == "Accept"
    assert open_image(answer.content).get_format_mimetype() == mime


def test_quality__makes_smaller_files(upload, fetch):
    upload("/a.png", make_halves(400, 300))

    sizes = [len(fetch(f"/a.png?tr=f-jpg,q-{q}").content) for q in (5, 50, 100)]

    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3


@pytest.mark.parametrize(
    ("tr", "left", "right"),
    [
        ("w-100,h-100,fo-left", RED, RED),
        ("w-100,h-100,fo-right", BLUE, BLUE),
        ("rt-180", BLUE, RED),
        ("fl-h", BLUE, RED),
        ("w-400,h-100,cm-pad_resize,bg-00FF00", (0, 255, 0), (0, 255, 0)),
        ("w-400,h-100,cm-pad_resize,fo-left", RED, (0, 0, 0)),
        ("e-grayscale", (76, 76, 76), (29, 29, 29)),
    ],
)
def test_transformation__paints(upload, fetch, tr, left, right):
    upload("/a.png", make_halves(200, 100))

    image = open_image(fetch(f"/a.png?tr={tr}").content).convert("RGB")

    middle = image.height // 2
    assert close(image.getpixel((2, middle)), left)
    assert close(image.getpixel((image.width - 3, middle)), right)


def test_blur__mixes_neighbours(upload, fetch):
    upload("/a.png", make_halves(200, 100))

    image = open_image(fetch("/a.png?tr=bl-40").content)

    assert not close(image.getpixel((98, 50)), RED)
    assert close(image.getpixel((2, 50)), RED)


def test_radius__makes_transparent_corners(upload, fetch):
    upload("/a.png", make_halves(200, 100))

    for tr in ("r-20", "r-max"):
        image = open_image(fetch(f"/a.png?tr={tr}").content)
        assert image.getpixel((0, 0))[3] == 0
        assert image.getpixel((100, 50))[3] == 255


def test_background__fills_what_is_transparent(upload, fetch):
    upload("/a.png", make_image(20, 20, "PNG", "#00000000", alpha=True))

    image = open_image(fetch("/a.png?tr=bg-FF0000,f-jpg").content)

    assert close(image.getpixel((5, 5)), RED)


@pytest.mark.parametrize("background", ["blurred_20_N10", "dominant", "genfill"])
def test_background__of_padding(upload, fetch, background):
    upload("/a.png", make_image(20, 20, "PNG", "red"))

    answer = fetch(f"/a.png?tr=w-60,h-20,cm-pad_resize,bg-{background}")

    assert open_image(answer.content).size == (60, 20)


def test_custom_focus__uses_the_area_of_the_file(upload, fetch):
    upload("/a.png", make_halves(200, 100), custom_coordinates="110,0,50,50")

    image = open_image(fetch("/a.png?tr=w-50,h-50,fo-custom").content)

    assert close(image.getpixel((2, 25)), BLUE)


@pytest.mark.parametrize("fmt", ["GIF", "WEBP"])
def test_animation__keeps_its_frames_when_resized(upload, fetch, fmt):
    upload("/a.gif", make_animation(fmt))

    moving = open_image(fetch("/a.gif?tr=w-20", accept="image/webp,*/*").content)
    still = open_image(fetch("/a.gif?tr=w-20,f-jpg").content)

    assert moving.format == fmt
    assert moving.n_frames == 3
    assert moving.size == still.size == (20, 10)
    assert close(still.getpixel((5, 5)), RED)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "I;16", "F", "YCbCr"])
def test_image__of_any_mode_is_drawn(upload, fetch, mode):
    import io

    from PIL import Image

    fmt = "TIFF" if mode in {"CMYK", "F", "YCbCr"} else "PNG"
    target = io.BytesIO()
    Image.new(mode, (30, 20)).save(target, fmt)
    upload("/a.bin", target.getvalue())

    assert open_image(fetch("/a.bin?tr=w-15,bl-2,r-3").content).size == (15, 10)
