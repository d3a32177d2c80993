"""Files as cameras, phones and editors write them, full of metadata."""

import io
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pillow_heif
from PIL import Image, ImageCms

from images.media.stripping.heif_boxes import C2PA_UUID
from images.tests.media.formats import samples
from images.tests.media.formats.heif_boxes import box, heif
from images.tests.media.formats.heif_samples import coded, exif_item, grid
from images.tests.media.formats.samples import jpeg_segment, png_chunk, save, webp_chunk

SERIAL, MAKER_NOTE, EXIF_DIRECTORY = 0xA431, 0x927C, 0x8769
ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

# What exiftool writes, by group; each format takes what it knows.
TAGS = {
    "IFD0:Artist": "Ann Archer",
    "IFD0:Copyright": "(c) Ann Archer",
    "IFD0:ImageDescription": "Our house",
    "IFD0:Make": "Maker",
    "IFD0:Model": "Camera 9",
    "IFD0:Software": "Firmware 1.2",
    "IFD0:Orientation#": "6",
    "IFD0:XPAuthor": "Ann",
    "ExifIFD:DateTimeOriginal": "2024:05:06 07:08:09",
    "ExifIFD:LensSerialNumber": "L-4711",
    "ExifIFD:OwnerName": "Ann Archer",
    "ExifIFD:UserComment": "with the children",
    "GPS:GPSLatitude": "48.2",
    "GPS:GPSLatitudeRef": "N",
    "GPS:GPSLongitude": "16.3",
    "GPS:GPSLongitudeRef": "E",
    "XMP-dc:Creator": "Ann Archer",
    "XMP-exif:GPSLatitude": "48.2",
    "XMP-photoshop:City": "Vienna",
    "IPTC:By-line": "Ann Archer",
    "IPTC:City": "Vienna",
    "Photoshop:CopyrightFlag": "true",
    "Comment": "A secret",
    "PNG:Author": "Ann Archer",
    "PNG:Software": "Editor",
    "PNG:CreationTime": "2024:05:06 07:08:09",
    "PNG:ModifyDate": "2024:05:06 07:08:09",
}
JUMBF = b"jumb" + b"\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0"
C2PA = struct.pack(">I", len(JUMBF) + 4) + JUMBF

# What describes the coding of pixels and colours, and the file itself.
STRUCTURE = {"ExifTool", "System", "Composite", "ICC_Profile", "Adobe", "JFIF", "RIFF"}
STRUCTURE |= {"ICC-header", "ICC-chrm", "PNG-pHYs", "GIF", "File", "PNG"}
STRUCTURE |= {"QuickTime", "Meta"}
NOT_STRUCTURE = {"File:Comment", "PNG:Comment", "PNG:Author", "PNG:Software"}
NOT_STRUCTURE |= {"PNG:CreationTime", "PNG:ModifyDate", "GIF:Text"}


def exif() -> bytes:
    """Return EXIF data with what exiftool does not write into an empty file."""
    data = Image.Exif()
    data[samples.MAKE] = "Maker"
    data[EXIF_DIRECTORY] = {
        SERIAL: "B-0815",
        MAKER_NOTE: b"Maker\0\0\0" + b"internal serial number 0815" * 9,
    }
    return data.tobytes()


def plain_files() -> dict[str, bytes]:
    """Return files of every kind, by name, without anything private yet."""
    rgb = samples.picture(size=(61, 43))
    rgba = rgb.convert("RGBA")
    rgba.putalpha(samples.picture("L", (61, 43)))
    files = {
        "baseline.jpg": save(rgb, "JPEG", icc_profile=ICC, exif=exif(), dpi=(90, 90)),
        "progressive.jpg": save(rgb, "JPEG", progressive=True, exif=exif()),
        "grey.jpg": save(rgb.convert("L"), "JPEG", exif=exif()),
        "cmyk.jpg": save(rgb.convert("CMYK"), "JPEG"),
        "rgb.jpg": save(rgb, "JPEG", keep_rgb=True, exif=exif()),
        "rgb.png": save(rgb, "PNG", icc_profile=ICC, dpi=(90, 90), exif=exif()),
        "palette.png": save(rgb.quantize(9), "PNG", transparency=3),
        "deep.png": save(Image.new("I;16", (9, 9), 40_000), "PNG"),
        "lossy.webp": save(rgb, "WEBP", exif=exif(), icc_profile=ICC),
        "lossless.webp": save(rgba, "WEBP", lossless=True),
        "still.gif": save(rgb.convert("P"), "GIF"),
        "photo.avif": save(rgb, "AVIF", icc_profile=ICC, exif=exif()),
        "photo.heic": heif(
            coded("hvc1"),
            exif_item(6),
            codec="hvc1",
            references=[(b"cdsc", 2, (1,))],
        ),
        "tiles.heic": grid("hvc1", 4, 3, size=(250, 170)),
    }
    for extension in ("png", "webp", "gif"):
        files[f"animated.{extension}"] = _animation(extension)
    return files


def _animation(extension: str) -> bytes:
    first, *others = samples.frames(4, (31, 17))
    return save(
        first,
        extension,
        save_all=True,
        append_images=others,
        duration=[40, 90, 130, 200],
        loop=3,
    )


def photographs(folder: Path) -> dict[str, bytes]:
    """Return the files, by name, with metadata that exiftool and we wrote."""
    for name, content in plain_files().items():
        (folder / name).write_bytes(content)
    thumbnail = folder / "thumbnail"
    thumbnail.write_bytes(save(samples.picture(), "JPEG"))
    tags = [f"-{name}={value}" for name, value in TAGS.items()]
    # Not all formats have all groups, which is a warning (-m) or an error.
    subprocess.run(
        ["exiftool", "-q", "-q", "-m", "-overwrite_original", *tags]
        + [f"-ThumbnailImage<={thumbnail}", *(folder / name for name in plain_files())],
        check=True,
        capture_output=True,
    )
    return {name: _add(name, (folder / name).read_bytes()) for name in plain_files()}


def _add(name: str, content: bytes) -> bytes:
    """Add what exiftool cannot write: other makers' segments, and what is behind."""
    if name.endswith(".jpg"):
        others = b"".join(
            [
                jpeg_segment(0xE0, b"JFXX\0\x10" + save(samples.picture("L"), "JPEG")),
                jpeg_segment(0xEB, b"JP\0\x01\0\0\0\x01" + C2PA),
                jpeg_segment(0xEC, b"Ducky\0\x01\0\x04\0\0\0\x3c\0\0"),
            ]
        )
        # Behind SOI and JFIF, where it is there.
        at = 20 if content[6:10] == b"JFIF" else 2
        second = save(samples.picture(), "JPEG", exif=exif())
        return content[:at] + others + content[at:] + second
    if name.endswith(".png"):
        more = png_chunk(b"caBX", C2PA) + png_chunk(b"prVt", b"what it is")
        return content[:33] + more + content[33:] + b"the rest of a screenshot"
    if name.endswith(".webp"):
        body = content[8:] + webp_chunk(b"C2PA", C2PA)
        return b"RIFF" + struct.pack("<I", len(body)) + body + b"behind"
    if name.endswith(("heic", "avif")):
        film = box(b"ftyp", b"mp42", bytes(4)) + box(b"mdat", exif())
        return content + box(b"uuid", C2PA_UUID, C2PA) + box(b"mpvd", film) + film
    more = b"!\xff\x0bC2PA_GIF\x01\0\0" + _sub_blocks(C2PA)
    return content[:-1] + more + b"!\x01\x0c" + bytes(12) + b"\x02Hi\0" + b";behind"


def _sub_blocks(data: bytes) -> bytes:
    parts = [data[at : at + 255] for at in range(0, len(data), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def decoded(content: bytes) -> Iterator[tuple[object, ...]]:
    """Yield all that Pillow shows: the pixels of each frame, and how they are."""
    if content[4:8] == b"ftyp" and b"hvc1" in content:
        # Pillow itself knows AVIF only.
        for picture in pillow_heif.open_heif(content, convert_hdr_to_8bit=False):
            yield picture.size, picture.mode, bytes(picture.data)
        return
    with Image.open(io.BytesIO(content)) as image:
        info = image.info
        profile = without_date(info.get("icc_profile") or b"")
        yield image.format, image.size, info.get("loop"), profile
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            image.load()
            times = image.info.get("duration"), image.info.get("transparency")
            yield image.mode, image.getpalette(), image.tobytes(), *times


def without_date(profile: bytes) -> bytes:
    """Return a colour profile without its date and its hash."""
    return profile[:24] + profile[36:84] + profile[100:]


def private(tags):
    """Return those of the tags exiftool found that are more than structure."""
    return {
        tag
        for tag in tags
        if tag in NOT_STRUCTURE
        or tag.partition(":")[0] not in STRUCTURE
        or "GPS" in tag
        or tag == "ExifTool:Warning"
    }
