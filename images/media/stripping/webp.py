"""Plan WebP files without metadata (RFC 9649)."""

from images.media.formats.info import Segment
from images.media.formats.reader import Reader
from images.media.formats.webp import (
    BITSTREAMS,
    FRAME_HEADER_LENGTH,
    HAS_EXIF,
    HEADER_LENGTH,
    chunks,
    segments,
)
from images.media.stripping.exif import Exif
from images.media.stripping.icc import clean_profile
from images.media.stripping.plan import Kind, Plan

# 2.7.1: all of the flags but those of EXIF and XMP: animation, alpha, ICC.
OTHER_FLAGS = 0x02 | 0x10 | 0x20
VP8X_LENGTH = 10

IN_FRAMES = BITSTREAMS | {b"ALPH"}
KEPT = IN_FRAMES | {b"ICCP", b"ANIM"}
KINDS = {b"XMP ": Kind.XMP, b"C2PA": Kind.C2PA}


def plan_webp(reader: Reader, plan: Plan) -> None:
    """Plan the chunks that stay, and a new header with their length and flags."""
    exif = Exif()
    extended: bytes | None = None
    for segment in segments(reader):
        if segment.kind == b"VP8X" and segment.start == HEADER_LENGTH:
            extended = reader.read(VP8X_LENGTH)
        elif segment.kind == b"EXIF" and extended and extended[0] & HAS_EXIF:
            exif.take(reader, reader.position, segment.end, plan)
        elif segment.kind == b"ANMF":
            _plan_frame(segment, reader, plan)
        elif segment.kind in KEPT:
            plan.keep(segment)
            if segment.kind == b"ICCP":
                clean_profile(reader, plan, [(reader.position, segment.end)])
        else:
            plan.keep_or_remove(segment, KINDS.get(segment.kind, Kind.OTHER))
    # Browsers do not turn WebP files. Without the orientation, nobody does.
    exif.orientation = 1
    tiff = exif.minimal()
    if tiff:
        plan.add(_chunk(b"EXIF", tiff))
    head = b""
    if extended:
        flags = extended[0] & OTHER_FLAGS | (HAS_EXIF if tiff else 0)
        head = _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + extended[4:])
    length = len(b"WEBP") + len(head) + plan.size
    plan.insert_at_mark(b"RIFF" + length.to_bytes(4, "little") + b"WEBP" + head)


def _plan_frame(segment: Segment, reader: Reader, plan: Plan) -> None:
    """Plan a frame of an animation (2.7.1.1), which may hold unknown chunks."""
    start = reader.position
    length = FRAME_HEADER_LENGTH
    reader.skip(FRAME_HEADER_LENGTH)
    header = plan.add(b"ANMF" + bytes(4))
    plan.keep_range(start, reader.position)
    for chunk in chunks(reader, segment.end):
        if chunk.kind in IN_FRAMES:
            plan.keep(chunk)
            length += chunk.end - chunk.start
        else:
            plan.removed.add(Kind.OTHER)
    plan.patch(header + 4, length.to_bytes(4, "little"))


def _chunk(kind: bytes, data: bytes) -> bytes:
    # The data of all callers have an even length, so no padding follows (2.3).
    return kind + len(data).to_bytes(4, "little") + data
