"""Plan GIF files without metadata (GIF89a specification, section 23 to 26)."""

import struct

from images.media.formats.gif import (
    EXTENSION,
    GRAPHIC_CONTROL,
    IMAGE,
    IMAGE_LENGTH,
    SCREEN,
    SCREEN_LENGTH,
    STRAY,
    TRAILER,
    corner_of,
    enlarged,
    rectangle,
    segments,
)
from images.media.formats.info import Segment
from images.media.formats.reader import Reader
from images.media.stripping.icc import clean_profile
from images.media.stripping.plan import Kind, Plan

APPLICATION = b"\xff"
# Comments, and texts to be drawn over the picture, which no browser does.
TEXTS = frozenset({b"\xfe", b"\x01"})

# Section 26: 11 bytes name the owner of an application extension. These make the
# animation loop and describe the colours.
ICC = b"ICCRGBG1012"
KEPT = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0", ICC})
# Introducer, label, and the name with its length.
APPLICATION_LENGTH = 14
# A mebibyte of profile in sub-blocks of 255 bytes.
MAX_PARTS = 4096
KINDS = {
    b"XMP DataXMP": Kind.XMP,
    b"MGK8BIM0000": Kind.IPTC,
    b"MGKIPTC0000": Kind.IPTC,
    b"C2PA_GIF\x01\0\0": Kind.C2PA,
}


def plan_gif(reader: Reader, plan: Plan) -> None:
    """Plan the blocks that stay, with the screen that browsers show."""
    screen = 0
    for segment in segments(reader):
        if segment.kind == EXTENSION:
            _plan_extension(segment, reader, plan)
        elif segment.kind == SCREEN:
            screen = plan.add(reader.peek(SCREEN_LENGTH))
            plan.keep_range(SCREEN_LENGTH, segment.end)
        elif segment.kind != STRAY:
            if segment.kind == IMAGE and screen:
                _enlarge_screen(reader, plan, screen)
                screen = 0
            plan.keep(segment)
    if segment.kind != TRAILER:
        plan.add(TRAILER)


def _enlarge_screen(reader: Reader, plan: Plan, address: int) -> None:
    """Correct the size of the screen at an address, for the first frame to fit."""
    corner = corner_of(reader.peek(IMAGE_LENGTH))
    start = reader.position
    size = enlarged(rectangle(reader.read_at(6, 4)), corner)
    plan.patch(address + 6, struct.pack("<HH", *size))
    reader.seek(start)


def _plan_extension(segment: Segment, reader: Reader, plan: Plan) -> None:
    head = reader.peek(min(APPLICATION_LENGTH, segment.end - segment.start))
    label, name = head[1:2], head[3:]
    if label == APPLICATION and name == ICC:
        clean_profile(reader, plan, _sub_blocks(reader, segment))
    if label == GRAPHIC_CONTROL or (label == APPLICATION and name in KEPT):
        plan.keep(segment)
    elif label in TEXTS:
        plan.removed.add(Kind.COMMENT)
    else:
        kind = KINDS.get(name, Kind.OTHER) if label == APPLICATION else Kind.OTHER
        plan.keep_or_remove(segment, kind)


def _sub_blocks(reader: Reader, segment: Segment) -> list[tuple[int, int]]:
    """Return where the data of an application extension stand (section 15)."""
    parts: list[tuple[int, int]] = []
    position = segment.start + APPLICATION_LENGTH
    while len(parts) < MAX_PARTS and (length := reader.read_at(position, 1)[0]):
        parts.append((position + 1, position + 1 + length))
        position += 1 + length
    return parts
