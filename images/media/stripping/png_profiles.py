"""Colour profiles and raw profiles in PNG files: compressed, so written anew."""

import io
import zlib

from images.media.formats.info import Segment
from images.media.formats.reader import CHUNK_SIZE, Reader
from images.media.stripping.exif import Exif
from images.media.stripping.icc import DATE, PROFILE_ID, private_ranges
from images.media.stripping.kinds import Kind
from images.media.stripping.plan import Plan

# Profiles of screens have up to 100 KiB; longer ones are tables for printers.
LONGEST_PROFILE = 1024 * 1024
XMP_NAME = b"http://ns.adobe.com/x"


def cleaned_iccp(reader: Reader, segment: Segment, plan: Plan) -> bytes | None:
    """Return the data of an iCCP chunk (11.3.2.3) without what is private.

    None when there is nothing to remove, or no profile that can be read.
    """
    data = _read(reader, segment)
    name, _, rest = data.partition(b"\0")
    try:
        decoder = zlib.decompressobj()
        profile = bytearray(decoder.decompress(rest[1:], LONGEST_PROFILE))
    except zlib.error:
        return None
    if not decoder.eof:
        return None
    found = False
    ranges = private_ranges(lambda start, end: bytes(profile[start:end]), len(profile))
    for start, end in ranges:
        if any(profile[start:end]):
            found = True
            profile[start:end] = bytes(end - start)
            if (start, end) not in (DATE, PROFILE_ID):
                plan.removed.add(Kind.OTHER)
    return name + b"\0\0" + zlib.compress(profile, 9) if found else None


def kinds_in_raw_profile(reader: Reader, segment: Segment) -> set[Kind]:
    """Return what the EXIF or XMP data tell that ImageMagick writes as text.

    The text is a name, a length, and the data in hexadecimal.
    """
    _, _, text = _read(reader, segment).partition(b"\0")
    try:
        if segment.kind == b"zTXt":
            text = zlib.decompressobj().decompress(text[1:], LONGEST_PROFILE)
        _, _, digits = text.split(None, 2)
        data = bytes.fromhex(digits.decode("ascii"))
    except (zlib.error, ValueError):
        return {Kind.OTHER}
    if data.startswith(XMP_NAME):
        return {Kind.XMP}
    found = Plan(0)
    Exif().take(Reader(io.BytesIO(data)), 0, len(data), found)
    return found.removed


def _read(reader: Reader, segment: Segment) -> bytes:
    """Return the data of a chunk, up to the longest that is looked into."""
    end = min(segment.end - 4, reader.position + LONGEST_PROFILE)
    parts = []
    while reader.position < end:
        parts.append(reader.read(min(CHUNK_SIZE, end - reader.position)))
    return b"".join(parts)
