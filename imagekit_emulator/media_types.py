"""Detection of media types, and facts about images."""

import re
from dataclasses import dataclass, field
from typing import IO, Any

from PIL import ExifTags, Image

from imagekit_emulator.decoding import HEIC, displayed_size, open_picture

HEAD_BYTES = 4096

# (pattern at the start of the file, type), as the formats are specified.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (rb"\xff\xd8\xff", "image/jpeg"),
    (rb"\x89PNG\r\n\x1a\n", "image/png"),
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF....WEBP", "image/webp"),
    (rb"....ftyp(avif|avis)", "image/avif"),
    # As a compatible brand.
    (rb"....ftyp(mif1|msf1|miaf)....(....){0,20}?avi[fs]", "image/avif"),
    (rb"....ftyp(heic|heix|heim|heis|mif1|mif2|msf1|hevc|hevx)", "image/heic"),
    (rb"BM....\x00\x00\x00\x00", "image/bmp"),
    (rb"II\*\x00|MM\x00\*", "image/tiff"),
    (rb"\x00\x00\x01\x00", "image/x-icon"),
    (rb"8BPS", "image/vnd.adobe.photoshop"),
    (rb"....ftyp", "video/mp4"),
    (rb"\x1aE\xdf\xa3", "video/webm"),
    (rb"RIFF....WAVE", "audio/wav"),
    (rb"ID3|\xff[\xfb\xf3\xf2]", "audio/mpeg"),
    (rb"OggS", "audio/ogg"),
    (rb"%PDF-", "application/pdf"),
    (rb"PK\x03\x04", "application/zip"),
    (rb"\x1f\x8b", "application/gzip"),
)
TEXT_TYPES = {
    "svg": "image/svg+xml",
    "html": "text/html",
    "htm": "text/html",
    "css": "text/css",
    "js": "application/javascript",
    "json": "application/json",
    "xml": "application/xml",
    "csv": "text/csv",
    "md": "text/markdown",
    "txt": "text/plain",
}
FORMATS = {
    "image/jpeg": "jpg",
    "image/x-icon": "ico",
    "image/vnd.adobe.photoshop": "psd",
    "audio/mpeg": "mp3",
}


@dataclass(frozen=True)
class MediaInfo:
    """The facts about a stored file.

    Width and height are those before a rotation by EXIF, but of HEIC and AVIF as
    displayed.
    """

    mime: str
    format: str
    size: int
    width: int | None = None
    height: int | None = None
    has_alpha: bool | None = None
    embedded_metadata: dict[str, Any] = field(default_factory=dict)

    @property
    def file_type(self) -> str:
        return "image" if self.mime.startswith("image/") else "non-image"


def detect_mime(head: bytes, name: str) -> str:
    """Return the type by the first bytes, or of text by the name.

    The Content-Type of the request is not used.
    """
    for pattern, mime in SIGNATURES:
        if re.match(pattern, head, re.DOTALL):
            return mime
    extension = name.rpartition(".")[2].lower()
    if extension in TEXT_TYPES and b"\x00" not in head:
        return TEXT_TYPES[extension]
    return "application/octet-stream"


def inspect(file: IO[bytes], name: str) -> MediaInfo:
    """Return the facts about a file, for images from their header too."""
    size = file.seek(0, 2)
    file.seek(0)
    mime = detect_mime(file.read(HEAD_BYTES), name)
    file.seek(0)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    media_format = FORMATS.get(mime, mime.rpartition("/")[2])
    if mime in {*TEXT_TYPES.values(), "application/octet-stream"}:
        media_format = extension
    facts: dict[str, Any] = {}
    if mime.startswith("image/") and mime != "image/svg+xml":
        facts = _image_facts(file, mime)
    return MediaInfo(mime=mime, format=media_format, size=size, **facts)


def _image_facts(file: IO[bytes], mime: str) -> dict[str, Any]:
    try:
        with open_picture(file, mime) as image:
            width, height = image.size
            if mime in {HEIC, "image/avif"}:
                width, height = displayed_size(image)
            return {
                "width": width,
                "height": height,
                "has_alpha": has_alpha(image),
                "embedded_metadata": _readable_exif(image),
            }
    # Decoders raise errors of any kind on damaged files, which are accepted too.
    except Exception:
        return {}
    finally:
        file.seek(0)


def has_alpha(image: Image.Image) -> bool:
    return image.mode in {"RGBA", "LA", "PA", "RGBa"} or "transparency" in image.info


def _readable_exif(image: Image.Image) -> dict[str, Any]:
    """Return the tags whose values are texts or whole numbers."""
    facts: dict[str, Any] = {"ImageWidth": image.width, "ImageHeight": image.height}
    for tag, value in image.getexif().items():
        name = ExifTags.TAGS.get(tag)
        if name and isinstance(value, str | int):
            facts[name] = value if isinstance(value, int) else _printable(value)
    return facts


def _printable(text: str) -> str:
    cleaned = "".join(sign for sign in text if sign.isprintable())[:200]
    return cleaned.encode("utf-8", "replace").decode()
