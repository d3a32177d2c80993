"""Boxes of ISO base media files (ISO/IEC 14496-12), read in bounded memory."""

from collections.abc import Iterator
from typing import NamedTuple

from images.media.formats.info import InvalidImage
from images.media.formats.reader import Reader, too_many_parts

HEADER_LENGTH = 8
LONG_HEADER_LENGTH = 16

# Photos have a few dozen boxes, and grids of tiles a few hundred.
MAX_BOXES = 4096


class Box(NamedTuple):
    """A box from `start` to `end`; its content begins at `body`."""

    kind: bytes
    start: int
    body: int
    end: int


def box_at(reader: Reader, start: int, end: int) -> Box | None:
    """Return the box at `start`, or None if no box is there.

    `end` is that of the container. The box returned may end behind it.
    """
    head = reader.read_at(start, min(LONG_HEADER_LENGTH, end - start))
    kind, body = head[4:8], start + HEADER_LENGTH
    if len(head) < HEADER_LENGTH or not all(0x20 <= byte < 0x7F for byte in kind):
        return None
    size = int.from_bytes(head[:4], "big")
    if size == 0:
        # 4.2: the last box may go on to the end of the container.
        size = end - start
    elif size == 1:
        size = int.from_bytes(head[8:], "big")
        body = start + LONG_HEADER_LENGTH
    box = Box(kind, start, body, start + size)
    return box if box.body <= box.end else None


def boxes_in(reader: Reader, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two positions, which they must fill."""
    for _ in range(MAX_BOXES):
        if start == end:
            return
        box = box_at(reader, start, end)
        if box is None or box.end > end:
            raise damaged("a box has a wrong length")
        reader.count_segment()
        yield box
        start = box.end
    raise too_many_parts()


class Fields:
    """The fields of a box, read one after the other."""

    def __init__(self, reader: Reader, start: int, end: int) -> None:
        reader.seek(start)
        self._reader = reader
        self._end = end

    @property
    def position(self) -> int:
        return self._reader.position

    def take(self, count: int) -> bytes:
        """Return the next bytes, at most a chunk."""
        if self._reader.position + count > self._end:
            raise damaged("a box has a wrong length")
        return self._reader.read(count)

    def number(self, size: int) -> int:
        """Return an unsigned number of `size` bytes; 0 if it has none."""
        return int.from_bytes(self.take(size), "big") if size else 0

    def text(self) -> bytes:
        """Return a text that ends with NUL or with the box, of at most 255 bytes."""
        left = min(self._end - self._reader.position, 256)
        text, end, _ = self._reader.peek(left).partition(b"\0")
        if left == 256 and not end:
            raise damaged("a text is too long")
        self._reader.skip(len(text) + len(end))
        return text


def open_full_box(reader: Reader, box: Box) -> tuple[Fields, int, int]:
    """Return the fields of a full box, behind its version and flags, and these two."""
    fields = Fields(reader, box.body, box.end)
    return fields, fields.number(1), fields.number(3)


def damaged(reason: str) -> InvalidImage:
    return InvalidImage(f"The HEIC or AVIF file is damaged: {reason}.")
