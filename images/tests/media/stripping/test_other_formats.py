"""What stays of PNG, GIF and WebP files and what goes, part by part."""

import io
import zlib

import pytest
from PIL import Image

from images.media.formats.info import InvalidImage
from images.media.formats.reader import Reader
from images.media.formats.webp import segments
from images.media.stripping import strip_metadata
from images.tests.media.formats import samples as s
from images.tests.media.stripping.photographs import JUMBF


def strip(content, image_format, keep=()):
    return strip_metadata(io.BytesIO(content), image_format, keep)


@pytest.mark.parametrize(
    ("kind", "data", "removed"),
    [
        (b"tEXt", b"Comment\0hello", "comment"),
        (b"tEXt", b"Software\0editor", "software"),
        (b"zTXt", b"Creation Time\0\0x", "time"),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>", "xmp"),
        (b"tEXt", b"Author\0Ann", "copyright"),
        (b"tEXt", b"Raw profile type iptc\0", "iptc"),
        (b"tEXt", b"", "comment"),
        (b"tIME", bytes(7), "time"),
        (b"caBX", JUMBF, "c2pa"),
        (b"hIST", bytes(2), "other"),
        (b"vpAg", bytes(9), "other"),
    ],
)
def test_strip_png__removes(kind, data, removed):
    chunk = s.png_chunk(kind, data)
    plain = s.png(s.png_header(), s.PIXEL, s.END)

    for chunks in ([chunk, s.PIXEL], [s.PIXEL, chunk]):
        stripped = strip(s.png(s.png_header(), *chunks, s.END), "png")

        assert stripped.read() == plain
        assert stripped.removed == [removed]


def raw_profile(name, data):
    """Return the text that ImageMagick makes of metadata of other formats."""
    digits = data.hex().encode()
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    return b"\n%s\n%8d\n%s\n" % (name, len(data), lines)


@pytest.mark.parametrize(
    ("name", "data", "removed"),
    [
        (b"exif", s.exif(6), ["camera", "gps"]),
        (b"APP1", s.exif(6), ["camera", "gps"]),
        (b"APP1", b"http://ns.adobe.com/xap/1.0/\0<x/>", ["xmp"]),
        (b"xmp", b"<x/>", ["xmp"]),
        (b"iptc", b"8BIM", ["iptc"]),
        (b"8bim", b"8BIM", ["iptc"]),
        (b"exif", b"nonsense", ["other"]),
    ],
)
def test_strip_png__names_what_raw_profiles_hold(name, data, removed):
    keyword, text = b"Raw profile type " + name, raw_profile(name, data)
    chunks = [
        s.png_chunk(b"tEXt", keyword + b"\0" + text),
        s.png_chunk(b"zTXt", keyword + b"\0\0" + zlib.compress(text)),
    ]
    for chunk in chunks:
        stripped = strip(s.png(s.png_header(), chunk, s.PIXEL, s.END), "png")

        assert stripped.read() == s.png(s.png_header(), s.PIXEL, s.END)
        assert stripped.removed == removed


@pytest.mark.parametrize("text", [b"", b"exif", b"exif 9 xyz", b"exif 9 \xff"])
def test_strip_png__takes_damaged_raw_profiles(text):
    data = b"Raw profile type exif\0" + text
    chunks = [s.png_chunk(b"tEXt", data), s.png_chunk(b"zTXt", data)]

    stripped = strip(s.png(s.png_header(), *chunks, s.PIXEL, s.END), "png")

    assert stripped.removed == ["other"]


@pytest.mark.parametrize(
    "kind",
    [
        *("tRNS", "bKGD", "pHYs"),
        *("iCCP", "sRGB", "gAMA", "cHRM", "sBIT", "cICP", "mDCV", "cLLI"),
    ],
)
def test_strip_png__keeps(kind):
    chunk = s.png_chunk(kind.encode(), b"data")
    content = s.png(s.png_header(), chunk, s.PIXEL, s.END)

    assert strip(content, "png").read() == content


@pytest.mark.parametrize(
    ("extension", "removed"),
    [
        (b"!\xfe\x05words\0", "comment"),
        (b"!\x01\x0c" + bytes(12) + b"\x02Hi\0", "comment"),
        (b"!\xff\x0bXMP DataXMP\x03<x>\0", "xmp"),
        (b"!\xff\x0bC2PA_GIF\x01\0\0\x03abc\0", "c2pa"),
        (b"!\xff\x0bMGKIPTC0000\x03abc\0", "iptc"),
        (b"!\xff\x0bMONKEY..1.0\x03abc\0", "other"),
        (b"!\xff\x02ab\0", "other"),
        (b"!\xff\0", "other"),
        (b"!\x42\x01x\0", "other"),
        (b"!\x42\x0bXMP DataXMP\0", "other"),
    ],
)
def test_strip_gif__removes(extension, removed):
    stripped = strip(s.gif(extension, s.gif_image(), extension), "gif")

    assert stripped.read() == s.gif(s.gif_image())
    assert stripped.removed == [removed]


def test_strip_gif__keeps_the_animation_and_the_colours():
    content = s.gif(
        b"!\xff\x0bNETSCAPE2.0\x03\x01\x05\0\0",
        b"!\xff\x0bANIMEXTS1.0\x03\x01\x05\0\0",
        b"!\xff\x0bICCRGBG1012\x03icc\0",
        b"!\xf9\x04\x01\x05\0\x02\0",
        s.gif_image(),
    )
    assert strip(content, "gif").read() == content


def test_strip_webp__corrects_the_header():
    content = s.webp(
        s.vp8x(1, 1, flags=0x2C),
        s.webp_chunk(b"ICCP", b"profile"),
        s.vp8l(),
        s.webp_chunk(b"EXIF", s.exif(1)),
        s.webp_chunk(b"XMP ", b"<x/>"),
        s.webp_chunk(b"what", b"ever"),
    )
    stripped = strip(content, "webp")

    icc = s.webp_chunk(b"ICCP", b"profile")
    assert stripped.read() == s.webp(s.vp8x(1, 1, flags=0x20), icc, s.vp8l())
    assert stripped.removed == ["camera", "gps", "other", "xmp"]


def test_strip_webp__puts_the_copyright_last():
    exif = Image.Exif()
    exif[0x8298] = "(c) Ann"
    content = s.save(s.picture(), "webp", exif=exif)

    stripped = strip(content, "webp", ["copyright"]).read()

    kinds = [segment.kind for segment in segments(Reader(io.BytesIO(stripped)))]
    assert kinds == [b"VP8X", b"VP8 ", b"EXIF"]


def test_strip_webp__exif_data_that_the_header_does_not_announce_do_not_count():
    chunks = [s.vp8x(1, 1), s.vp8l()]
    content = s.webp(*chunks, s.webp_chunk(b"EXIF", s.exif(6)))

    stripped = strip(content, "webp")

    assert stripped.read() == s.webp(*chunks)
    assert stripped.removed == ["other"]


def test_strip_webp__looks_into_frames():
    unknown = s.webp_chunk(b"what", b"ever")
    head = [s.vp8x(1, 1, flags=2), s.ANIM]
    content = s.webp(*head, s.anmf(s.vp8l()), s.anmf(unknown, s.vp8l(), unknown))

    stripped = strip(content, "webp")

    assert stripped.read() == s.webp(*head, s.anmf(s.vp8l()), s.anmf(s.vp8l()))
    assert stripped.removed == ["other"]


@pytest.mark.parametrize("image_format", ["jpeg", "png", "gif", "webp"])
def test_strip__cuts_off_what_is_behind_the_end(image_format):
    content = s.save(s.picture(), image_format)

    stripped = strip(content + b"a film", image_format)

    assert stripped.read() == content
    assert stripped.removed == ["trailing_data"]


@pytest.mark.parametrize("image_format", ["jpeg", "png", "gif", "webp"])
def test_strip__refuses_a_truncated_file(image_format):
    content = s.save(s.picture(), image_format)

    with pytest.raises(InvalidImage):
        strip(content[: len(content) // 2], image_format)
