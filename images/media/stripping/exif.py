"""Name the EXIF metadata of a file (EXIF 2.32), and write the few that stay."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from images.media.formats.exif import (
    BYTE_ORDERS,
    ORIENTATION_TAG,
    PREFIX,
    read_orientation,
)
from images.media.formats.reader import Reader
from images.media.stripping.plan import Kind, Plan

ASCII, SHORT, UTF8 = 2, 3, 129
ARTIST_TAG, COPYRIGHT_TAG = 0x013B, 0x8298
RIGHTS = frozenset({ARTIST_TAG, COPYRIGHT_TAG})
EXIF_DIRECTORY, GPS_DIRECTORY = 0x8769, 0x8825

# A directory has a few dozen entries. Those behind this number are ignored.
MAX_ENTRIES = 500
# A longer text is no copyright notice, and goes.
MAX_RIGHTS_LENGTH = 4096

# These tags describe the coding of the pixels, and nobody's life.
ABOUT_PIXELS = frozenset(
    [ORIENTATION_TAG, EXIF_DIRECTORY]
    + [0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0115, 0x011A, 0x011B, 0x011C, 0x0128]
    + [0x013E, 0x013F, 0x0211, 0x0212, 0x0213, 0x0214]
    # The directory of EXIF: versions, components, colour space, interoperability.
    + [0x9000, 0x9101, 0xA000, 0xA001, 0xA002, 0xA003, 0xA005]
)
KINDS = {
    **dict.fromkeys([0x010F, 0x0110], Kind.CAMERA),
    **dict.fromkeys([0x000B, 0x0131], Kind.SOFTWARE),
    **dict.fromkeys([0x0132, 0x9003, 0x9004], Kind.TIME),
    **dict.fromkeys([0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292], Kind.TIME),
    **dict.fromkeys([0x010E, 0x9286], Kind.COMMENT),
    # Windows: title, comment, keywords, subject; and between them, author.
    **dict.fromkeys([0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F], Kind.COMMENT),
    **dict.fromkeys([ARTIST_TAG, COPYRIGHT_TAG, 0x9C9D], Kind.COPYRIGHT),
    **dict.fromkeys([0x83BB, 0x8649], Kind.IPTC),
    0x02BC: Kind.XMP,
    GPS_DIRECTORY: Kind.GPS,
}


class _Entry(NamedTuple):
    tag: int
    type: int
    length: int
    value: int
    """A number, or where the value is."""


@dataclass(slots=True)
class Exif:
    """The facts of the first EXIF block of a file; viewers ignore any other."""

    orientation: int = 0
    """1 to 8; 0 until a block is found."""
    rights: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """Types and values, by tag, of the artist and the copyright that stay."""

    def take(self, reader: Reader, start: int, end: int, plan: Plan) -> None:
        """Read the block between two positions, and note what is removed with it."""
        if self.orientation:
            plan.removed.add(Kind.OTHER)
            return
        self.orientation = read_orientation(reader, start, end)
        if reader.read_at(start, min(len(PREFIX), end - start)) == PREFIX:
            start += len(PREFIX)
        head = reader.read_at(start, min(8, end - start))
        order = BYTE_ORDERS.get(head[:4])
        if order is None or len(head) < 8:
            plan.removed.add(Kind.OTHER)
            return
        directories = _Directories(reader, start, end, order)
        for entry in directories.walk(struct.unpack(order + "I", head[4:])[0], plan):
            if entry.tag in RIGHTS and plan.keeps(Kind.COPYRIGHT):
                value = directories.text(entry)
                if value and entry.tag not in self.rights:
                    self.rights[entry.tag] = (entry.type, value)
                    continue
            if entry.tag not in ABOUT_PIXELS:
                plan.removed.add(KINDS.get(entry.tag, directories.default))

    def minimal(self) -> bytes:
        """Return the block to store instead; empty if nothing is left to say."""
        entries = {
            tag: (kind, len(data), data) for tag, (kind, data) in self.rights.items()
        }
        if self.orientation > 1:
            data = struct.pack(">H", self.orientation)
            entries[ORIENTATION_TAG] = (SHORT, 1, data)
        if not entries:
            return b""
        directory = struct.pack(">H", len(entries))
        values = b""
        # The header of 8 bytes, the count, the entries, no next directory.
        values_start = 8 + 2 + 12 * len(entries) + 4
        for tag, (kind, count, data) in sorted(entries.items()):
            directory += struct.pack(">HHI", tag, kind, count)
            if len(data) <= 4:
                directory += data.ljust(4, b"\0")
            else:
                directory += struct.pack(">I", values_start + len(values))
                # Values begin at even offsets (TIFF 6.0, section 2).
                values += data + b"\0" * (len(data) % 2)
        return b"MM\0*\0\0\0\x08" + directory + bytes(4) + values


class _Directories:
    """The directories of a block; each is read once, so none leads in a circle."""

    def __init__(self, reader: Reader, start: int, end: int, order: str) -> None:
        self._reader, self._start, self._end = reader, start, end
        self._order = order
        self.default = Kind.OTHER
        """The kind of an unknown tag of the directory being read."""

    def walk(self, offset: int, plan: Plan) -> Iterator[_Entry]:
        """Yield the entries of the main directory and of the EXIF directory."""
        inner = 0
        for entry in self._entries(offset):
            if entry.tag == EXIF_DIRECTORY:
                inner = entry.value
            yield entry
        # Another main directory follows: that of the thumbnail.
        if any(self._read(offset + 2 + 12 * self._count(offset), 4)):
            plan.removed.add(Kind.THUMBNAIL)
        self.default = Kind.CAMERA
        yield from self._entries(inner)

    def text(self, entry: _Entry) -> bytes:
        """Return the text of an entry; nothing if it is damaged or too long."""
        if entry.type not in (ASCII, UTF8) or entry.length > MAX_RIGHTS_LENGTH:
            return b""
        if entry.length <= 4:
            return struct.pack(self._order + "I", entry.value)[: entry.length]
        return self._read(entry.value, entry.length)

    def _entries(self, offset: int) -> Iterator[_Entry]:
        data = self._read(offset + 2, 12 * min(self._count(offset), MAX_ENTRIES))
        for fields in struct.iter_unpack(self._order + "HHII", data):
            yield _Entry(*fields)

    def _count(self, offset: int) -> int:
        # Offset 0 is the header's: no directory can be there.
        data = self._read(offset, 2) if offset else b""
        return struct.unpack(self._order + "H", data)[0] if data else 0

    def _read(self, offset: int, count: int) -> bytes:
        """Return the bytes at an offset; none if not all are inside the block."""
        position = self._start + offset
        if position + count > self._end:
            return b""
        return self._reader.read_at(position, count)
