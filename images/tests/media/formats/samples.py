"""Small good files in every variety that Pillow writes, and the parts of files."""

import functools
import io
import struct
import zlib
from typing import Any

from PIL import Image, PngImagePlugin

SIZE = (13, 9)
# Cameras write more than the orientation: a maker, and a place.
ORIENTATION, MAKE, GPS = 0x0112, 0x010F, 0x8825


def picture(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Return an image that compresses badly, as photographs do."""
    width, height = size
    pixels = bytes(
        (x * x + 7 * y * x + 31 * y) % 256
        for x in range(width * 3)
        for y in range(height)
    )
    return Image.frombytes("RGB", size, pixels).convert(mode)


def save(image: Image.Image, image_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def frames(count: int, size: tuple[int, int] = SIZE) -> list[Image.Image]:
    return [Image.new("RGB", size, (40 * i % 256, i % 256, 99)) for i in range(count)]


def animation(image_format: str, count: int, size: tuple[int, int] = SIZE) -> bytes:
    first, *others = frames(count, size)
    return save(first, image_format, save_all=True, append_images=others, duration=50)


def exif(orientation: int, order: str = "<") -> bytes:
    data = Image.Exif()
    data.endian = order
    data[MAKE] = "A camera"
    data[ORIENTATION] = orientation
    data[GPS] = {1: "N", 2: (48.0, 12.0, 30.0)}
    return data.tobytes()


def png_chunk(kind: bytes, data: bytes = b"") -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum


def png_header(width: int = 1, height: int = 1, rest: bytes = b"\x08\0\0\0\0") -> bytes:
    return png_chunk(b"IHDR", struct.pack(">II", width, height) + rest)


def frame(
    sequence: int, width: int = 1, left: int = 0, height: int = 1, length: int = 26
) -> bytes:
    data = struct.pack(">IIIII", sequence, width, height, left, 0) + bytes(6)
    return png_chunk(b"fcTL", data[:length])


def frame_data(sequence: int, data: bytes = b"x") -> bytes:
    return png_chunk(b"fdAT", struct.pack(">I", sequence) + data)


PIXEL = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
END = png_chunk(b"IEND")


def png(*chunks: bytes) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg_segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg_frame(
    width: int, height: int, marker: int = 0xC0, precision: int = 8
) -> bytes:
    data = struct.pack(">BHHB", precision, height, width, 1) + b"\x01\x11\x00"
    return jpeg_segment(marker, data)


SCAN = jpeg_segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\x34"


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments) + b"\xff\xd9"


def gif_image(
    width: int = 1, height: int = 1, left: int = 0, data: bytes = b"\x02\x02\x44\x01\0"
) -> bytes:
    return b"," + struct.pack("<HHHHB", left, 0, width, height, 0) + data


def gif(*blocks: bytes, width: int = 1, height: int = 1) -> bytes:
    screen = struct.pack("<HHBBB", width, height, 0, 0, 0)
    return b"GIF89a" + screen + b"".join(blocks) + b";"


def webp_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def vp8l(width: int = 1, height: int = 1) -> bytes:
    bits = (width - 1) | (height - 1) << 14
    return webp_chunk(b"VP8L", b"\x2f" + struct.pack("<I", bits) + b"\x88\x88\x08")


def vp8(width: int = 1, height: int = 1, tag: bytes = b"\x30\x01\x00") -> bytes:
    data = tag + b"\x9d\x01\x2a" + struct.pack("<HH", width, height)
    return webp_chunk(b"VP8 ", data + bytes(16))


def vp8x(width: int, height: int, flags: int = 0) -> bytes:
    return webp_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + _24(width - 1, height - 1))


def anmf(*chunks: bytes, width: int = 1, height: int = 1, left: int = 0) -> bytes:
    header = _24(left // 2, 0, width - 1, height - 1, 50) + b"\0"
    return webp_chunk(b"ANMF", header + b"".join(chunks))


ANIM = webp_chunk(b"ANIM", bytes(6))


def _24(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(3, "little") for number in numbers)


@functools.cache
def good_files() -> dict[str, bytes]:
    return {**_jpegs(), **_pngs(), **_gifs(), **_webps()}


def _jpegs() -> dict[str, bytes]:
    rgb = picture()
    options: dict[str, dict[str, Any]] = {
        "progressive": {"progressive": True},
        "optimized": {"optimize": True},
        "restart-markers": {"restart_marker_blocks": 1},
        "no-subsampling": {"subsampling": 0, "quality": 95},
        "comment": {"comment": b"A comment \xff\xd9 with a marker"},
        "exif": {"exif": exif(6)},
        "exif-big-endian": {"exif": exif(8, ">")},
        "icc": {"icc_profile": b"profile" * 100},
        "xmp": {"xmp": b'<?xpacket?><x:xmpmeta xmlns:x="adobe:ns:meta/"/>'},
        "everything": {"progressive": True, "exif": exif(3), "comment": b"text"},
    }
    files = {f"jpeg-{name}": save(rgb, "JPEG", **o) for name, o in options.items()}
    for mode in ("RGB", "L", "CMYK", "YCbCr", "1"):
        files[f"jpeg-{mode}"] = save(picture(mode), "JPEG")
    return files


def _pngs() -> dict[str, bytes]:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "<html> in a comment is text", zip=False)
    text.add_itxt("XML:com.adobe.xmp", '<?xpacket?><x:xmpmeta xmlns:x="a"/>')
    rgb = picture()
    files = {
        f"png-{mode}": save(picture(mode), "PNG")
        for mode in ("RGB", "L", "P", "RGBA", "LA", "1")
    }
    files["png-I16"] = save(Image.new("I;16", SIZE, 40_000), "PNG")
    files["png-P-4-bits"] = save(rgb.quantize(16), "PNG", bits=4)
    files["png-optimized"] = save(rgb, "PNG", optimize=True)
    files["png-stored"] = save(rgb, "PNG", compress_level=0)
    files["png-text"] = save(rgb, "PNG", pnginfo=text)
    files["png-exif"] = save(rgb, "PNG", exif=exif(5))
    files["png-icc"] = save(rgb, "PNG", icc_profile=b"profile" * 100)
    files["png-transparent"] = save(picture("P"), "PNG", transparency=3)
    files["png-animated"] = animation("PNG", 3)
    files["png-interlaced"] = png(png_header(rest=b"\x08\0\0\0\x01"), PIXEL, END)
    return files


def _gifs() -> dict[str, bytes]:
    files = {
        f"gif-{mode}": save(picture(mode), "GIF") for mode in ("RGB", "L", "P", "1")
    }
    files["gif-comment"] = save(picture("P"), "GIF", comment=b"c" * 700)
    files["gif-transparent"] = save(picture("P"), "GIF", transparency=3)
    files["gif-interlaced"] = save(picture("P"), "GIF", interlace=1)
    files["gif-flat"] = save(picture("P"), "GIF", interlace=0)
    files["gif-animated"] = animation("GIF", 4)
    return files


def _webps() -> dict[str, bytes]:
    rgb, rgba = picture(), picture("RGBA")
    rgba.putalpha(picture("L"))
    extras = {"icc_profile": b"profile" * 100, "xmp": b"<x:xmpmeta/>"}
    return {
        "webp-lossy": save(rgb, "WEBP"),
        "webp-lossless": save(rgb, "WEBP", lossless=True),
        "webp-lossy-alpha": save(rgba, "WEBP"),
        "webp-lossless-alpha": save(rgba, "WEBP", lossless=True),
        "webp-exif": save(rgb, "WEBP", exif=exif(7)),
        "webp-extras": save(rgba, "WEBP", exif=exif(2), **extras),
        "webp-animated": animation("WEBP", 3),
    }
