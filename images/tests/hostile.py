"""Uploads that must be refused, each made in code and smaller than 200 KB."""

import functools
import random
import struct
from dataclasses import dataclass

from images.tests.media.formats import heif_samples, samples
from images.tests.media.formats.heif_boxes import clap, heif
from images.tests.media.formats.heif_samples import good_heifs
from images.tests.media.formats.samples import good_files
from images.tests.media.formats.truncation import truncated_files
from images.tests.polyglots import HTML, PDF, PHP, SVG, archive, polyglots

INVALID, TOO_MANY_PIXELS = "invalid_image", "too_many_pixels"
EXTENSIONS = {
    "jpeg": "jpg",
    "png": "png",
    "gif": "gif",
    "webp": "webp",
    "heic": "heic",
    "avif": "avif",
}
MAGIC = {
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a\x09\x00\x09\x00",
    "webp": b"RIFF\x40\x00\x00\x00WEBP",
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "avif": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
}


@dataclass(frozen=True, slots=True)
class HostileUpload:
    name: str
    filename: str
    content_type: str
    content: bytes
    code: str


@functools.cache
def hostile_uploads() -> list[HostileUpload]:
    return [
        *_other_files(),
        *_only_the_beginning(),
        *_truncated(),
        *_bombs(),
        *_zero_sizes(),
        *_too_many_frames(),
        *_damaged(),
        *[
            _upload(f"polyglot-{name}", name.split("-")[0], content)
            for name, content in polyglots().items()
        ],
    ]


def _upload(
    name: str, image_format: str, content: bytes, code: str = INVALID
) -> HostileUpload:
    filename = f"photo.{EXTENSIONS[image_format]}"
    return HostileUpload(name, filename, f"image/{image_format}", content, code)


def _other_files() -> list[HostileUpload]:
    """Files of another kind, under their own name and under that of an image."""
    pixels = samples.picture()
    files = {
        "empty": ("photo.jpg", "image/jpeg", b""),
        "text": ("notes.txt", "text/plain", b"Dear diary,\n"),
        "html": ("page.html", "text/html", HTML),
        "html-as-jpeg": ("photo.jpg", "image/jpeg", HTML),
        "svg": ("drawing.svg", "image/svg+xml", SVG),
        "svg-as-png": ("photo.png", "image/png", b'<?xml version="1.0"?>' + SVG),
        "php-as-gif": ("photo.gif", "image/gif", PHP),
        "pdf": ("paper.pdf", "application/pdf", PDF),
        "pdf-as-jpeg": ("photo.jpg", "image/jpeg", PDF),
        "zip": ("files.zip", "application/zip", archive()),
        "exe-as-png": ("photo.png", "image/png", b"MZ\x90\0\3\0\0\0" + bytes(120)),
        "elf-as-jpeg": ("photo.jpg", "image/jpeg", b"\x7fELF\2\1\1" + bytes(120)),
        "bmp": ("photo.bmp", "image/bmp", samples.save(pixels, "BMP")),
        "bmp-as-png": ("photo.png", "image/png", samples.save(pixels, "BMP")),
        "tiff": ("photo.tif", "image/tiff", samples.save(pixels, "TIFF")),
        "ico": ("icon.ico", "image/x-icon", samples.save(pixels, "ICO")),
        "mp4-as-heic": ("photo.heic", "image/heic", _iso_media(b"mp42")),
        "avif-as-webp": ("photo.webp", "image/webp", _iso_media(b"avif")),
        "wav-as-webp": (
            "photo.webp",
            "image/webp",
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0" + bytes(24),
        ),
        "nul-bytes": ("photo.jpg", "image/jpeg", bytes(4096)),
        "space-before-the-image": (
            "photo.jpg",
            "image/jpeg",
            b" " + good_files()["jpeg-RGB"],
        ),
    }
    return [HostileUpload(name, *file, INVALID) for name, file in files.items()]


def _only_the_beginning() -> list[HostileUpload]:
    noise = random.Random(1).randbytes(2000)
    uploads = []
    for image_format, magic in MAGIC.items():
        for name, rest in {"nothing": b"", "noise": noise, "nul": bytes(999)}.items():
            name = f"{image_format}-magic-and-{name}"
            uploads.append(_upload(name, image_format, magic + rest))
    return uploads


def _truncated() -> list[HostileUpload]:
    return [
        _upload(name, name.split("-")[0], content)
        for name, content in truncated_files().items()
    ]


def _bombs() -> list[HostileUpload]:
    """Declare far more pixels than there are, in files that are well-formed."""
    s, h, side, most = samples, heif_samples, 65_535, 2**31 - 1
    huge_frame = s.anmf(s.vp8l())
    files = {
        "jpeg-baseline": s.jpeg(s.jpeg_frame(side, side), s.SCAN),
        "jpeg-progressive": s.jpeg(s.jpeg_frame(side, side, 0xC2), s.SCAN),
        "png": s.png(s.png_header(side, side), s.PIXEL, s.END),
        "png-largest": s.png(s.png_header(most, most), s.PIXEL, s.END),
        "png-long": s.png(s.png_header(1, most), s.PIXEL, s.END),
        "gif": s.gif(s.gif_image(), width=side, height=side),
        "webp-lossy": s.webp(s.vp8(16_383, 16_383)),
        "webp-lossless": s.webp(s.vp8l(16_384, 16_384)),
        "webp-canvas": s.webp(s.vp8x(2**24, 2**24), s.vp8l()),
        "webp-animated": s.webp(s.vp8x(16_383, 16_383, flags=2), s.ANIM, huge_frame),
        "heic": heif(h.declaring(side, side, "hvc1"), codec="hvc1"),
        "heic-cropped": heif(
            h.with_properties(h.declaring(side, side, "hvc1"), clap(9, 9)),
            codec="hvc1",
        ),
        "heic-tiles": h.grid("hvc1", declared=(8192, 8192)),
        "avif": heif(h.declaring(most, most)),
        "avif-grid": h.grid(size=(side, side)),
    }
    return [
        _upload(f"bomb-{name}", name.split("-")[0], content, TOO_MANY_PIXELS)
        for name, content in files.items()
    ]


def _zero_sizes() -> list[HostileUpload]:
    s, h = samples, heif_samples
    lines = s.jpeg_segment(0xDC, b"\0\x09")
    files = {
        "jpeg-width": s.jpeg(s.jpeg_frame(0, 9), s.SCAN),
        "jpeg-height": s.jpeg(s.jpeg_frame(9, 0), s.SCAN),
        "jpeg-height-until-later": s.jpeg(s.jpeg_frame(9, 0), s.SCAN, lines),
        "png-width": s.png(s.png_header(0, 9), s.PIXEL, s.END),
        "png-height": s.png(s.png_header(9, 0), s.PIXEL, s.END),
        "gif-frame": s.gif(s.gif_image(width=0)),
        "webp-lossy": s.webp(s.vp8(0, 9)),
        "heic-width": heif(h.declaring(0, 9, "hvc1"), codec="hvc1"),
        "avif-height": heif(h.declaring(9, 0)),
    }
    return [
        _upload(f"zero-{name}", name.split("-")[0], content)
        for name, content in files.items()
    ]


def _too_many_frames() -> list[HostileUpload]:
    """Animate longer than the limit of 500 frames allows."""
    s, count = samples, 600
    animation = s.png_chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    frames = [s.anmf(s.vp8l())] * count
    files = {
        "gif": s.gif(*[s.gif_image()] * count),
        "gif-without-end": s.gif(*[s.gif_image()] * 9000)[:-1],
        "png": s.png(s.png_header(), animation, s.PIXEL, s.END),
        "webp": s.webp(s.vp8x(1, 1, flags=2), s.ANIM, *frames),
        "avif": _declaring_frames(s.animation("AVIF", 2), count),
    }
    return [
        _upload(f"frames-{name}", name.split("-")[0], content)
        for name, content in files.items()
    ]


def _damaged() -> list[HostileUpload]:
    s, jpeg, png = samples, good_files()["jpeg-RGB"], good_files()["png-RGB"]
    checksum = bytearray(png)
    checksum[png.index(b"IEND") - 5] ^= 1
    heic, avif = good_heifs()["heic"], good_heifs()["avif"]
    lengthy = jpeg.replace(b"\xff\xe0\x00\x10", b"\xff\xe0\xff\xff")
    pixels = good_files()["webp-lossless"]
    files = {
        "jpeg-length-past-the-end": lengthy,
        "jpeg-arithmetic": s.jpeg(s.jpeg_frame(9, 9, 0xC9), s.SCAN),
        "jpeg-without-pixels": s.jpeg(s.jpeg_frame(9, 9)),
        "jpeg-two-heights": s.jpeg(
            s.jpeg_frame(9, 9), s.SCAN, s.jpeg_segment(0xDC, b"\xff\xff")
        ),
        "png-wrong-checksum": bytes(checksum),
        "png-without-pixels": s.png(s.png_header(), s.END),
        "png-empty-pixels": s.png(s.png_header(), s.png_chunk(b"IDAT"), s.END),
        "png-without-header": s.png(s.PIXEL, s.END),
        "png-without-palette": s.png(
            s.png_header(rest=b"\x08\3\0\0\0"), s.PIXEL, s.END
        ),
        "png-of-a-phone-app": s.png(s.png_chunk(b"CgBI", bytes(4)), s.PIXEL, s.END),
        "gif-without-frames": s.gif(),
        "webp-length-of-zero": b"RIFF\0\0\0\0" + pixels[8:],
        "webp-two-sizes": s.webp(s.vp8x(9, 9), s.vp8l(8, 8)),
        "heic-box-past-the-end": heic.replace(b"\0\0\0\x0epitm", b"\0\0\xff\x0epitm"),
        "heic-without-a-primary": heic.replace(b"pitm", b"free"),
        "heic-without-items": heic.replace(b"iinf", b"free"),
        "heic-without-locations": heic.replace(b"iloc", b"free"),
        "avif-without-a-size": avif.replace(b"ispe", b"free"),
        "avif-with-sound": s.animation("AVIF", 2).replace(b"pict", b"soun"),
    }
    return [
        _upload(f"damaged-{name}", name.split("-")[0], content)
        for name, content in files.items()
    ]


def _declaring_frames(animation: bytes, count: int) -> bytes:
    """Return an AVIF sequence whose table of samples says another number."""
    at = animation.index(b"stsz") + 12
    return animation[:at] + struct.pack(">I", count) + animation[at + 4 :]


def _iso_media(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0isom" + brand + bytes(200)
