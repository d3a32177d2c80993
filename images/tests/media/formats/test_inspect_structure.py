"""One file for each rule of the formats, made of parts."""

import io
import struct

import pytest

from images.media.formats import inspect_image
from images.media.formats.info import InvalidImage
from images.media.formats.jpeg import MAX_SCANS
from images.media.formats.reader import MAX_SEGMENTS
from images.tests.media.formats.samples import (
    ANIM,
    END,
    PIXEL,
    SCAN,
    anmf,
    frame,
    frame_data,
    gif,
    gif_image,
    jpeg,
    jpeg_frame,
    jpeg_segment,
    png,
    png_chunk,
    png_header,
    vp8,
    vp8l,
    vp8x,
    webp,
    webp_chunk,
)

FRAME = jpeg_frame(9, 9)
COMMENT = jpeg_segment(0xFE, b"")
INDEXED = png_header(rest=b"\x01\x03\0\0\0")
PALETTE = png_chunk(b"PLTE", bytes(6))


def control(frames, kind=b"acTL"):
    return png_chunk(kind, struct.pack(">II", frames, 0))


def extension(label, *sub_blocks):
    return b"!" + label + b"".join(bytes([len(b)]) + b for b in sub_blocks) + b"\0"


GOOD = {
    "jpeg": jpeg(FRAME, SCAN),
    "jpeg-extended": jpeg(jpeg_frame(9, 9, 0xC1), SCAN),
    "jpeg-two-scans-and-segments": jpeg(COMMENT, FRAME, SCAN, COMMENT, SCAN, COMMENT),
    "jpeg-restarts-and-stuffing": jpeg(FRAME, SCAN + b"\xff\0\xff\xd0\xff\xd7\xff\0"),
    "jpeg-height-repeated": jpeg(FRAME, SCAN, jpeg_segment(0xDC, b"\0\x09")),
    "jpeg-most-scans": jpeg(FRAME, *[SCAN] * MAX_SCANS),
    "png": png(png_header(), PIXEL, END),
    "png-pixels-in-pieces": png(png_header(), PIXEL, PIXEL, PIXEL, END),
    "png-one-colour": png(INDEXED, png_chunk(b"PLTE", bytes(3)), PIXEL, END),
    "png-suggested-palette": png(
        png_header(rest=b"\x10\x02\0\0\0"), png_chunk(b"PLTE", bytes(768)), PIXEL, END
    ),
    "png-indexed": png(INDEXED, PALETTE, PIXEL, END),
    "png-unknown-ancillary-chunk": png(png_header(), png_chunk(b"abCd"), PIXEL, END),
    "png-animated": png(
        png_header(), control(2), frame(0), PIXEL, frame(1), frame_data(2), END
    ),
    "png-animated-without-the-image": png(
        png_header(), control(1), PIXEL, frame(0), frame_data(1), frame_data(2), END
    ),
    "gif": gif(gif_image()),
    "gif-extensions": gif(
        extension(b"\xf9", bytes(4)), gif_image(), extension(b"\xfe", b"a", b"b" * 255)
    ),
    "jpeg-length-of-one": jpeg(b"\xff\xfe\0\x01", FRAME, SCAN),
    "jpeg-bytes-between-segments": jpeg(FRAME, COMMENT, b"\0", SCAN),
    "jpeg-restart-outside-a-scan": jpeg(FRAME, b"\xff\xd0", SCAN),
    "png-no-end": png(png_header(), PIXEL),
    "png-no-frames": png(png_header(), control(0), PIXEL, END),
    "png-frames-missing": png(png_header(), control(2), frame(0), PIXEL, END),
    "gif-zeros-between-blocks": gif(gif_image(), bytes(3), gif_image(), b"\0"),
    "gif-frame-too-wide": gif(gif_image(width=2)),
    "gif-frame-too-high": gif(gif_image(height=2)),
    "webp-lossy": webp(vp8(9, 9)),
    "webp-lossless": webp(vp8l(9, 9)),
    "webp-extended": webp(vp8x(9, 9), webp_chunk(b"ALPH", b"a"), vp8(9, 9)),
    "webp-unknown-chunk": webp(vp8x(9, 9), vp8l(9, 9), webp_chunk(b"what", b"odd")),
    "webp-animated": webp(vp8x(9, 9, 2), ANIM, anmf(vp8l()), anmf(vp8(), left=8)),
}
BAD = {
    "jpeg-frame-twice": jpeg(FRAME, FRAME, SCAN),
    "jpeg-twelve-bits": jpeg(jpeg_frame(9, 9, precision=12), SCAN),
    "jpeg-lossless": jpeg(jpeg_frame(9, 9, 0xC3), SCAN),
    "jpeg-differential": jpeg(jpeg_frame(9, 9, 0xC5), SCAN),
    "jpeg-short-frame": jpeg(jpeg_segment(0xC0, b"\x08\0\x09\0\x09"), SCAN),
    "jpeg-long-frame": jpeg(
        jpeg_segment(0xC0, b"\x08\0\x09\0\x09\x01" + bytes(4)), SCAN
    ),
    "jpeg-huge-frame": jpeg(jpeg_segment(0xC0, bytes(60_000)), SCAN),
    "jpeg-two-components": jpeg(
        jpeg_segment(0xC0, b"\x08\0\x09\0\x09\x02\x01\x11\0\x02\x11\0"), SCAN
    ),
    "jpeg-no-frame": jpeg(SCAN),
    "jpeg-frame-after-the-scan": jpeg(SCAN, FRAME),
    "jpeg-no-scan": jpeg(FRAME),
    "jpeg-empty-scan": jpeg(FRAME, SCAN[:-2]),
    "jpeg-scan-without-components": jpeg(FRAME, jpeg_segment(0xDA, bytes(4)) + b"x"),
    "jpeg-scan-of-another-component": jpeg(
        FRAME, jpeg_segment(0xDA, b"\x01\x07\0\0\x3f\0") + b"x"
    ),
    "jpeg-scan-of-wrong-length": jpeg(
        FRAME, jpeg_segment(0xDA, b"\x01\x01\0\0") + b"x"
    ),
    "jpeg-empty-scan-header": jpeg(FRAME, jpeg_segment(0xDA, b"") + b"x"),
    "jpeg-too-many-scans": jpeg(FRAME, *[SCAN] * (MAX_SCANS + 1)),
    "jpeg-height-before-the-scan": jpeg(FRAME, jpeg_segment(0xDC, b"\0\x09"), SCAN),
    "jpeg-other-height": jpeg(FRAME, SCAN, jpeg_segment(0xDC, b"\x01\x09")),
    "jpeg-start-twice": jpeg(b"\xff\xd8", FRAME, SCAN),
    "jpeg-unknown-marker": jpeg(FRAME, jpeg_segment(0xF0, b""), SCAN),
    "jpeg-too-many-segments": jpeg(FRAME, COMMENT * MAX_SEGMENTS, SCAN),
    "png-header-late": png(png_chunk(b"tEXt"), png_header(), PIXEL, END),
    "png-header-twice": png(png_header(), png_header(), PIXEL, END),
    "png-short-header": png(png_chunk(b"IHDR", bytes(12)), PIXEL, END),
    "png-wrong-depth": png(png_header(rest=b"\x10\x03\0\0\0"), PALETTE, PIXEL, END),
    "png-wrong-colour-type": png(png_header(rest=b"\x08\x05\0\0\0"), PIXEL, END),
    "png-wrong-compression": png(png_header(rest=b"\x08\0\x01\0\0"), PIXEL, END),
    "png-wrong-filter": png(png_header(rest=b"\x08\0\0\x01\0"), PIXEL, END),
    "png-wrong-interlace": png(png_header(rest=b"\x08\0\0\0\x02"), PIXEL, END),
    "png-large-palette": png(INDEXED, png_chunk(b"PLTE", bytes(9)), PIXEL, END),
    "png-uneven-palette": png(INDEXED, png_chunk(b"PLTE", bytes(5)), PIXEL, END),
    "png-empty-palette": png(INDEXED, png_chunk(b"PLTE"), PIXEL, END),
    "png-huge-palette": png(png_header(), png_chunk(b"PLTE", bytes(771)), PIXEL, END),
    "png-palette-twice": png(INDEXED, PALETTE, PALETTE, PIXEL, END),
    "png-late-palette": png(png_header(), PIXEL, PALETTE, END),
    "png-pixels-in-two-places": png(
        png_header(), PIXEL, png_chunk(b"abCd"), PIXEL, END
    ),
    "png-unknown-critical-chunk": png(png_header(), png_chunk(b"ABCD"), PIXEL, END),
    "png-chunk-name-with-digits": png(png_header(), png_chunk(b"ab1d"), PIXEL, END),
    "png-end-with-data": png(png_header(), PIXEL, png_chunk(b"IEND", b"x")),
    "png-frames-not-declared": png(png_header(), frame(0), PIXEL, END),
    "png-late-animation": png(
        png_header(), PIXEL, control(1), frame(0), frame_data(1), END
    ),
    "png-animation-twice": png(
        png_header(), control(1), control(1), frame(0), PIXEL, END
    ),
    "png-frame-without-data": png(png_header(), control(1), PIXEL, frame(0), END),
    "png-frame-with-empty-data": png(
        png_header(), control(1), PIXEL, frame(0), frame_data(1, b""), END
    ),
    "png-two-frames-one-data": png(
        png_header(), control(2), frame(0), frame(1), PIXEL, END
    ),
    "png-frame-too-wide": png(png_header(), control(1), frame(0, 2), PIXEL, END),
    "png-frame-outside": png(png_header(), control(1), frame(0, 1, 1), PIXEL, END),
    "png-frame-of-no-width": png(png_header(), control(1), frame(0, 0), PIXEL, END),
    "png-frame-of-no-height": png(
        png_header(), control(1), frame(0, height=0), PIXEL, END
    ),
    "png-frame-too-high": png(png_header(), control(1), frame(0, height=2), PIXEL, END),
    "png-data-before-the-frame": png(
        png_header(), control(1), PIXEL, frame_data(0), frame(1), frame_data(2), END
    ),
    "png-short-frame": png(png_header(), control(1), frame(0, length=25), PIXEL, END),
    "png-wrong-sequence": png(png_header(), control(1), frame(1), PIXEL, END),
    "png-data-without-frame": png(png_header(), control(1), PIXEL, frame_data(0), END),
    "png-too-many-chunks": png(png_header(), PIXEL, png_chunk(b"abCd") * MAX_SEGMENTS),
    "gif-unknown-block": gif(b"x", gif_image()),
    "gif-frame-announced-at-the-end": gif(gif_image(), extension(b"\xf9", bytes(4)))[
        :-1
    ],
    "gif-frame-at-no-place": gif(gif_image(left=65_535)),
    "jpeg-length-of-a-table": jpeg(b"\xff\xdb\0\x01", FRAME, SCAN),
    "jpeg-no-end-and-another-scan-to-come": jpeg(jpeg_frame(9, 9, 0xC2), SCAN)[:-2],
    "jpeg-no-end-behind-two-scans": jpeg(FRAME, SCAN, SCAN)[:-2],
    "png-no-end-and-frames-missing": png(png_header(), control(2), frame(0), PIXEL),
    "gif-small-code": gif(gif_image(data=b"\x01\x02\x44\x01\0")),
    "gif-large-code": gif(gif_image(data=b"\x09\x02\x44\x01\0")),
    "gif-no-data": gif(gif_image(data=b"\x02\0")),
    "gif-frame-of-no-height": gif(gif_image(height=0)),
    "gif-too-many-blocks": gif(gif_image(), extension(b"\xfe") * MAX_SEGMENTS),
    "webp-nothing": webp(),
    "webp-odd-length": webp(vp8l(), b"x"),
    "webp-first-chunk-unknown": webp(webp_chunk(b"ICCP", b""), vp8l()),
    "webp-short-canvas": webp(webp_chunk(b"VP8X", bytes(8)), vp8l()),
    "webp-chunk-past-the-end": webp(vp8l(), b"EXIF\x10\0\0\0") + bytes(99),
    "webp-only-a-canvas": webp(vp8x(9, 9)),
    "webp-two-images": webp(vp8l(), vp8l()),
    "webp-two-images-in-a-canvas": webp(vp8x(1, 1), vp8l(), vp8l()),
    "webp-smaller-than-its-canvas": webp(vp8x(9, 9), vp8l(9, 8)),
    "webp-stray-frame": webp(vp8x(1, 1), vp8l(), anmf(vp8l())),
    "webp-stray-parameters": webp(vp8x(1, 1), ANIM, vp8l()),
    "webp-image-in-an-animation": webp(vp8x(1, 1, 2), ANIM, anmf(vp8l()), vp8l()),
    "webp-no-frames": webp(vp8x(1, 1, 2), ANIM),
    "webp-no-parameters": webp(vp8x(1, 1, 2), anmf(vp8l())),
    "webp-frame-too-wide": webp(vp8x(9, 9, 2), ANIM, anmf(vp8l(10), width=10)),
    "webp-frame-outside": webp(vp8x(9, 9, 2), ANIM, anmf(vp8l(), left=10)),
    "webp-frame-of-two-sizes": webp(vp8x(9, 9, 2), ANIM, anmf(vp8l(2), width=3)),
    "webp-empty-frame": webp(vp8x(9, 9, 2), ANIM, anmf()),
    "webp-two-images-in-a-frame": webp(vp8x(9, 9, 2), ANIM, anmf(vp8l(), vp8l())),
    "webp-short-frame": webp(vp8x(9, 9, 2), ANIM, webp_chunk(b"ANMF", bytes(8))),
    "webp-interframe": webp(vp8(9, 9, tag=b"\x31\x01\0")),
    "webp-hidden-frame": webp(vp8(9, 9, tag=b"\x20\x01\0")),
    "webp-unknown-version": webp(vp8(9, 9, tag=b"\x38\x01\0")),
    "webp-partition-too-long": webp(vp8(9, 9, tag=b"\xf0\xff\xff")),
    "webp-no-start-code": webp(vp8(9, 9).replace(b"\x9d\x01\x2a", b"\x9d\x01\x2b")),
    "webp-short-lossy": webp(webp_chunk(b"VP8 ", b"\x10\0\0\x9d\x01\x2a\x01\0")),
    "webp-no-signature": webp(vp8l().replace(b"\x2f", b"\x2e")),
    "webp-lossless-version": webp(webp_chunk(b"VP8L", b"\x2f\0\0\0\x20\x88")),
    "webp-short-lossless": webp(webp_chunk(b"VP8L", b"\x2f\0\0\0")),
    "webp-too-many-chunks": webp(vp8l(), webp_chunk(b"what", b"") * MAX_SEGMENTS),
}


def inspect(content):
    return inspect_image(io.BytesIO(content), max_pixels=1000, max_frames=500)


@pytest.mark.parametrize("name", GOOD)
def test_inspect__well_formed(name):
    info = inspect(GOOD[name])

    assert info.format == name.split("-")[0]
    assert info.size == len(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_inspect__against_a_rule(name):
    with pytest.raises(InvalidImage) as refusal:
        inspect(BAD[name])

    assert refusal.value.code == "invalid_image"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("jpeg-lossless", "Lossless and arithmetic JPEG files are not supported"),
        ("jpeg-no-frame", "no frame header"),
        ("jpeg-length-of-a-table", "wrong length"),
        ("png-no-end-and-frames-missing", "truncated"),
        ("gif-unknown-block", "unknown block"),
        ("webp-odd-length", "length is wrong"),
        ("webp-nothing", "no pixel data"),
    ],
)
def test_inspect__against_a_rule__message(name, message):
    with pytest.raises(InvalidImage, match=message):
        inspect(BAD[name])
