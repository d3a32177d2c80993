"""Plan JPEG files without metadata (T.81, JFIF 1.02, EXIF 2.32, CIPA DC-007)."""

import struct

from images.media.formats.exif import PREFIX as EXIF_PREFIX
from images.media.formats.info import Segment
from images.media.formats.jpeg import (
    APPLICATION,
    COM,
    EOI,
    SOI,
    SOS,
    STRAY,
    segments,
)
from images.media.formats.reader import Reader
from images.media.stripping.exif import Exif
from images.media.stripping.icc import clean_profile
from images.media.stripping.plan import Kind, Plan

APP0, APP1, APP2, APP11 = b"\xe0", b"\xe1", b"\xe2", b"\xeb"
APP13, APP14 = b"\xed", b"\xee"

# These two and the names of the components decide how the colours are coded. So they
# stay, in the length of the standard: 14 and 12 bytes. A thumbnail follows the 14
# bytes of JFIF.
JFIF, JFIF_LENGTH = b"JFIF\0", 14
ADOBE, ADOBE_LENGTH = b"Adobe", 12

# An application segment begins with the name of its owner.
KINDS = {
    (APP0, b"JFXX\0"): Kind.THUMBNAIL,
    (APP1, b"http://ns.adobe.com/x"): Kind.XMP,
    # An index of the pictures behind the end.
    (APP2, b"MPF\0"): Kind.TRAILING_DATA,
    # ISO 19566-5: JUMBF boxes, which C2PA puts its manifest into.
    (APP11, b"JP"): Kind.C2PA,
    (APP13, b"Photoshop 3.0\0"): Kind.IPTC,
}
# ICC.1, annex B.4: a profile may be cut into parts, with a number in each.
ICC, ICC_HEADER_LENGTH, MAX_PARTS = (APP2, b"ICC_PROFILE\0"), 14, 255
LONGEST_NAME = 29


def plan_jpeg(reader: Reader, plan: Plan) -> None:
    """Plan SOI, JFIF, EXIF, then all segments that a decoder needs."""
    exif = Exif()
    profile: list[tuple[int, int, int]] = []
    jfif = b""
    in_header = True
    for segment in segments(reader):
        if segment.kind == SOI:
            plan.keep(segment)
            plan.mark()
        elif segment.kind == COM:
            plan.removed.add(Kind.COMMENT)
        elif segment.kind == STRAY:
            plan.removed.add(Kind.OTHER)
        elif segment.kind not in APPLICATION:
            in_header = in_header and segment.kind != SOS
            plan.keep(segment)
        elif segment.kind == APP0 and not jfif and in_header:
            # Decoders decide on the coding of the colours when the first scan begins:
            # a JFIF segment behind that point must not move to the front.
            jfif = _jfif(segment, reader, plan)
        else:
            _application(segment, reader, plan, exif, profile)
    if profile:
        clean_profile(reader, plan, [(start, end) for _, start, end in sorted(profile)])
        reader.seek(segment.end)
    if segment.kind != EOI:
        has_half = reader.read_at(reader.size - 1, 1) == b"\xff"
        plan.complete(EOI if has_half else b"\xff" + EOI)
    tiff = exif.minimal()
    plan.insert_at_mark(jfif + (_segment(APP1, EXIF_PREFIX + tiff) if tiff else b""))


def _jfif(segment: Segment, reader: Reader, plan: Plan) -> bytes:
    """Return the JFIF segment without its thumbnail; empty for another APP0."""
    body = reader.peek(min(JFIF_LENGTH, segment.end - reader.position))
    if not body.startswith(JFIF) or len(body) < JFIF_LENGTH:
        plan.removed.add(_kind(segment.kind, body))
        return b""
    if segment.end - reader.position > JFIF_LENGTH:
        plan.removed.add(Kind.THUMBNAIL)
    # The last two are the thumbnail's width and height.
    return _segment(APP0, body[:-2] + b"\0\0")


def _application(
    segment: Segment,
    reader: Reader,
    plan: Plan,
    exif: Exif,
    profile: list[tuple[int, int, int]],
) -> None:
    start = reader.position
    body = reader.peek(min(LONGEST_NAME, segment.end - start))
    if segment.kind == APP1 and body.startswith(EXIF_PREFIX):
        exif.take(reader, start, segment.end, plan)
    elif segment.kind == ICC[0] and body.startswith(ICC[1]):
        plan.keep(segment)
        if len(profile) < MAX_PARTS and segment.end - start >= ICC_HEADER_LENGTH:
            profile.append((body[12], start + ICC_HEADER_LENGTH, segment.end))
    elif segment.kind == APP14 and body.startswith(ADOBE) and len(body) >= ADOBE_LENGTH:
        if segment.end - start > ADOBE_LENGTH:
            plan.removed.add(Kind.OTHER)
            plan.add(_segment(APP14, body[:ADOBE_LENGTH]))
        else:
            plan.keep(segment)
    else:
        plan.keep_or_remove(segment, _kind(segment.kind, body))


def _kind(marker: bytes, body: bytes) -> Kind:
    for (known, name), kind in KINDS.items():
        if marker == known and body.startswith(name):
            return kind
    return Kind.OTHER


def _segment(marker: bytes, body: bytes) -> bytes:
    return b"\xff" + marker + struct.pack(">H", len(body) + 2) + body
