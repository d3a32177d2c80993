"""Files with faults that browsers get over: what is stored is without the fault."""

import io
import struct

import pytest
from PIL import Image

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage, TooManyFrames, TooManyPixels
from images.media.stripping import strip_metadata
from images.tests.media.formats import samples as s
from images.tests.media.formats.samples import good_files
from images.tests.media.stripping.photographs import decoded

JPEG, PNG, GIF = (good_files()[name] for name in ("jpeg-RGB", "png-RGB", "gif-P"))
APNG = good_files()["png-animated"]


def store(content, max_pixels=10**6, max_frames=50):
    file = io.BytesIO(content)
    info = inspect_image(file, max_pixels=max_pixels, max_frames=max_frames)
    out = strip_metadata(file, info.format).read()
    stored = inspect_image(io.BytesIO(out), max_pixels=max_pixels, max_frames=99)
    assert (stored.width, stored.height) == (info.width, info.height)
    assert stored.frames == info.frames
    return out


def insert(content, at, more):
    return content[:at] + more + content[at:]


SCAN_AT = JPEG.index(b"\xff\xda")


@pytest.mark.parametrize("at", [20, SCAN_AT], ids=["first", "before-the-scan"])
@pytest.mark.parametrize(
    "stray",
    [
        b"\0",
        b"Photoshop",
        bytes(70_000),
        b"\xff\0",
        b"\xff\xd0",
        b"\xff\x01",
        b"\xff\xff\0",
        b"\xff\xfe\0\x01",
        b"\xff\xec\0\0abc",
        s.jpeg_segment(0xEE, b"Adobe\0\x64\0\0\0\0") + b"\1",
    ],
)
def test_jpeg__stray_bytes_go(stray, at):
    assert store(insert(JPEG, at, stray)) == JPEG


def test_jpeg__a_picture_that_decoders_refuse_stays_refused():
    for stray in (b"\xff\xd8", b"\xff\xf0\0\2", b"\xff\xdb\0\1"):
        with pytest.raises(InvalidImage):
            store(insert(JPEG, SCAN_AT, stray))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("cut", [1, 2])
def test_jpeg__gets_the_end_that_is_missing(mode, cut):
    content = good_files()[f"jpeg-{mode}"]

    out = store(content[:-cut])

    assert list(decoded(out)) == list(decoded(content))
    assert out.endswith(b"\xff\xd9")


def test_jpeg__without_its_last_pixels_stays_refused():
    picture = Image.effect_noise((300, 200), 80).convert("RGB")
    content = s.save(picture, "JPEG", quality=95)

    accepted = [cut for cut in range(2, 400) if is_stored(content[:-cut])]

    # The last byte of the pixels may be nothing but padding.
    assert set(accepted) <= {2, 3}


def test_jpeg__too_large_to_be_decoded_does_not_get_an_end():
    content = s.save(Image.new("L", (6000, 4000)), "JPEG")

    assert not is_stored(content[:-2], max_pixels=10**8)


def is_stored(content, **limits):
    try:
        store(content, **limits)
    except InvalidImage:
        return False
    return True


CHUNK = s.png_chunk(b"gAMA", struct.pack(">I", 45455))


@pytest.mark.parametrize("kind", ["gAMA", "tEXt", "eXIf", "abCd"])
def test_png__an_ancillary_chunk_with_a_wrong_checksum_goes(kind):
    chunk = s.png_chunk(kind.encode(), s.exif(6)[6:])

    out = store(insert(PNG, 33, chunk[:-1] + bytes([chunk[-1] ^ 1])))

    assert out == PNG


@pytest.mark.parametrize("kind", [b"IHDR", b"IDAT", b"IEND"])
def test_png__a_critical_chunk_with_a_wrong_checksum_is_refused(kind):
    at = PNG.index(kind) + 4 + int.from_bytes(PNG[PNG.index(kind) - 4 :][:4], "big")

    assert not is_stored(PNG[:at] + bytes([PNG[at] ^ 1]) + PNG[at + 1 :])


def test_png__a_part_of_an_animation_with_a_wrong_checksum_is_refused():
    at = APNG.index(b"fdAT") + 9

    assert not is_stored(APNG[:at] + bytes([APNG[at] ^ 1]) + APNG[at + 1 :])


def test_png__gets_the_end_that_is_missing():
    assert store(PNG[:-12]) == PNG
    assert list(decoded(store(APNG[:-12]))) == list(decoded(APNG))


def test_png__without_some_of_its_pixels_stays_refused():
    start = PNG.index(b"IDAT") + 4
    length = int.from_bytes(PNG[start - 8 : start - 4], "big")
    parts = [PNG[start : start + length - 20], PNG[start + length - 20 :][:20]]
    chunks = [s.png_chunk(b"IDAT", part) for part in parts]
    head = PNG[: start - 8]

    assert is_stored(head + b"".join(chunks))
    assert not is_stored(head + chunks[0])


@pytest.mark.parametrize("declared", [0, 1, 2, 4, 9])
def test_png__the_number_of_frames_is_corrected(declared):
    at = APNG.index(b"acTL")
    control = s.png_chunk(b"acTL", struct.pack(">II", declared, 7))
    right = s.png_chunk(b"acTL", struct.pack(">II", 3, 7))

    out = store(APNG[: at - 4] + control + APNG[at + 16 :])

    assert right in out
    assert control not in out
    with Image.open(io.BytesIO(out)) as image:
        assert image.n_frames == 3


def test_png__a_number_of_frames_without_any_goes():
    control = s.png_chunk(b"acTL", struct.pack(">II", 2, 0))

    assert store(insert(PNG, 33, control)) == PNG


def test_png__frames_count_whatever_is_declared():
    at = APNG.index(b"acTL")
    control = s.png_chunk(b"acTL", struct.pack(">II", 1, 0))

    with pytest.raises(TooManyFrames):
        store(APNG[: at - 4] + control + APNG[at + 16 :], max_frames=2)


def screen(content, width, height):
    return content[:6] + struct.pack("<HH", width, height) + content[10:]


@pytest.mark.parametrize("size", [(0, 0), (0, 9), (13, 0), (5, 5)])
def test_gif__the_screen_holds_the_first_frame(size):
    out = store(screen(GIF, *size))

    assert out == GIF
    with Image.open(io.BytesIO(out)) as image:
        assert image.size == s.SIZE


def test_gif__a_frame_beside_the_screen_enlarges_it():
    out = store(s.gif(s.gif_image(left=9)))

    assert out[6:10] == struct.pack("<HH", 10, 1)


def test_gif__later_frames_do_not_enlarge_the_screen():
    out = store(s.gif(s.gif_image(), s.gif_image(left=9)))

    assert out[6:10] == struct.pack("<HH", 1, 1)


@pytest.mark.parametrize("left", [0, 60_000])
def test_gif__frames_beyond_the_screen_count_as_pixels(left):
    wide = s.gif_image(width=5000, height=5000, left=left)

    for content in (s.gif(wide), s.gif(s.gif_image(), wide)):
        with pytest.raises(TooManyPixels):
            store(content)


@pytest.mark.parametrize(
    "end", [b"", b"\0", bytes(9), b"GIF89a", b"\0GIF89a", b"\0;", b"<html>"]
)
def test_gif__gets_its_trailer(end):
    assert store(GIF[:-1] + end) == GIF


def test_gif__zeros_between_blocks_go():
    blocks = s.gif_image(), bytes(3), s.gif_image()

    assert store(s.gif(*blocks)) == s.gif(blocks[0], blocks[2])


def test_gif__cut_off_within_a_frame_stays_refused():
    for cut in range(2, 40):
        assert not is_stored(GIF[:-cut])
