"""Files that are an image and something else at once."""

import io
import zipfile
from dataclasses import replace

from images.tests.media.formats import samples as s
from images.tests.media.formats.heif_boxes import heif
from images.tests.media.formats.heif_samples import coded, good_heifs
from images.tests.media.formats.samples import good_files

HTML = b"<!DOCTYPE html><html><script>alert(document.domain)</script></html>"
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    b'<script>alert(1)</script><rect width="9" height="9"/></svg>'
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PHP = b'<?php system($_GET["c"]); ?>'


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as one:
        one.writestr("index.html", HTML)
    return file.getvalue()


def polyglots() -> dict[str, bytes]:
    """Return files where the other document is in what would be stored."""
    zipped = replace(coded("hvc1"), data=archive())
    return {
        "gif-javascript": b"GIF89a/*\x01\0\0\0\0*/=1;alert(1)//;",
        # 0x2a2f pixels wide, the characters that open a comment.
        "gif-javascript-in-a-comment": s.gif(
            s.gif_image(), b"!\xfe\x10*/=1;alert(1)// \0", width=0x2A2F
        ),
        "jpeg-pdf-in-a-profile": _jpeg_with_profile(PDF),
        "jpeg-zip-in-a-profile": _jpeg_with_profile(archive()),
        "png-pdf-in-a-profile": _png_with_profile(PDF),
        "png-zip-in-a-profile": _png_with_profile(archive()),
        "webp-pdf-in-a-profile": s.webp(
            s.vp8x(1, 1, flags=0x20), s.webp_chunk(b"ICCP", PDF), s.vp8l()
        ),
        "heic-zip-in-the-pixels": heif(zipped, codec="hvc1"),
    }


def _jpeg_with_profile(profile: bytes) -> bytes:
    segment = s.jpeg_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + profile)
    return s.jpeg(segment, s.jpeg_frame(9, 9), s.SCAN)


def _png_with_profile(profile: bytes) -> bytes:
    return s.png(
        s.png_header(), s.png_chunk(b"iCCP", b"x\0\0" + profile), s.PIXEL, s.END
    )


TAILS = {
    "html": HTML,
    "html-far-behind": bytes(40_000) + HTML.swapcase() + bytes(40_000),
    "svg": SVG,
    "script": b"<ScRiPt>alert(1)</sCrIpT>",
    "php": PHP,
    "pdf": PDF,
    "zip": archive(),
    "zip-with-a-tail": archive() + bytes(40_000),
    "rar": b"Rar!\x1a\x07" + bytes(99),
}


def harmless_polyglots() -> dict[str, tuple[bytes, bytes]]:
    """Return files whose other document is never stored, and what is stored."""
    good = {name: good_files()[name] for name in ("jpeg-RGB", "png-RGB", "gif-P")}
    good["webp-lossy"] = good_files()["webp-lossy"]
    good["heic"] = good_heifs()["heic"]
    files = {
        f"{name}-{tail}": (content + TAILS[tail], content)
        for name, content in good.items()
        for tail in TAILS
    }
    jpeg = good["jpeg-RGB"]
    for name, document in (("pdf", PDF), ("zip", archive())):
        comment = s.jpeg_segment(0xFE, document)
        files[f"jpeg-{name}-in-a-comment"] = jpeg[:2] + comment + jpeg[2:], jpeg
    return files
