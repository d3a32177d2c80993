"""Tracks of image sequences: the `moov` box (ISO/IEC 14496-12, 8.2 to 8.7)."""

from collections.abc import Iterator
from typing import NamedTuple

from images.media.formats.boxes import Box, Fields, boxes_in, damaged
from images.media.formats.info import InvalidImage
from images.media.formats.reader import Reader, too_many_parts

# ISO/IEC 23008-12, 7.2: the handlers of pictures and of their alpha channels.
HANDLERS = frozenset({b"pict", b"auxv"})

MAX_TRACKS = 8


class Track(NamedTuple):
    """Facts about a track: pictures of one size, one after the other."""

    codec: bytes
    width: int
    height: int
    frames: int


def read_tracks(reader: Reader, moov: Box) -> list[Track]:
    """Return the tracks; raises InvalidImage if one has sound or a film."""
    traks = [
        box for box in boxes_in(reader, moov.body, moov.end) if box.kind == b"trak"
    ]
    if len(traks) > MAX_TRACKS:
        raise too_many_parts()
    return [_read_track(reader, box) for box in traks]


def _read_track(reader: Reader, trak: Box) -> Track:
    boxes: dict[bytes, Box] = {}
    for box in _descendants(reader, trak):
        boxes.setdefault(box.kind, box)
    if _content(reader, boxes, b"hdlr")[8:12] not in HANDLERS:
        raise InvalidImage("The file is a film.")
    entries = _content(reader, boxes, b"stsd")
    # 8.5.2 and 12.1.3: the first entry of the table describes the pictures.
    width, height = entries[40:42], entries[42:44]
    return Track(
        entries[12:16],
        width=int.from_bytes(width, "big"),
        height=int.from_bytes(height, "big"),
        frames=_frames(reader, boxes),
    )


def _frames(reader: Reader, boxes: dict[bytes, Box]) -> int:
    """Return the number of samples, in either form of the table (8.7.3)."""
    kind = b"stsz" if b"stsz" in boxes else b"stz2"
    return int.from_bytes(_content(reader, boxes, kind)[8:12], "big")


def _content(reader: Reader, boxes: dict[bytes, Box], kind: bytes) -> bytes:
    """Return the beginning of a box that a track must have."""
    if kind not in boxes:
        raise damaged("a track is incomplete")
    box = boxes[kind]
    return Fields(reader, box.body, box.end).take(min(box.end - box.body, 64))


def _descendants(reader: Reader, trak: Box) -> Iterator[Box]:
    """Yield the boxes of a track, down to those of its table of samples."""
    for box in boxes_in(reader, trak.body, trak.end):
        yield box
        if box.kind == _CONTAINERS.get(trak.kind):
            yield from _descendants(reader, box)


# 8.3 to 8.5: each of these holds the next one.
_CONTAINERS = {b"trak": b"mdia", b"mdia": b"minf", b"minf": b"stbl"}
