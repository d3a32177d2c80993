"""Make a file of parts of another one, without copying them."""

import io
from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterator
from enum import StrEnum
from itertools import islice
from operator import attrgetter
from typing import IO, NamedTuple

from images.media.formats.info import Segment
from images.media.formats.reader import Reader


class Kind(StrEnum):
    """The values of `removed_metadata`; docs/privacy.md explains them."""

    C2PA = "c2pa"
    CAMERA = "camera"
    COMMENT = "comment"
    COPYRIGHT = "copyright"
    GPS = "gps"
    IPTC = "iptc"
    OTHER = "other"
    SOFTWARE = "software"
    THUMBNAIL = "thumbnail"
    TIME = "time"
    TRAILING_DATA = "trailing_data"
    XMP = "xmp"


class Overwriting(NamedTuple):
    """Bytes of our own in the place of others: a literal, then one byte repeated."""

    start: int
    end: int
    literal: bytes
    fill: bytes

    def content(self, start: int, end: int) -> bytes:
        """Return the part between two positions."""
        data = self.literal[start - self.start : end - self.start]
        return data.ljust(end - start, self.fill)


class Plan:
    """The parts of a new file: ranges of the original, and literals between them.

    A hostile file may have tens of thousands of ranges, so each takes 16 bytes. A
    literal is a few bytes of our own. Its address is one behind the end of the file.
    Bytes inside a range may be overwritten by as many others.
    """

    def __init__(self, file_size: int, keep: Collection[str] = ()) -> None:
        """Begin with no parts; `keep` are the kinds of metadata that stay."""
        self.file_size = file_size
        self.removed: set[Kind] = set()
        self.is_completed = False
        """Whether the file has no end of its own."""
        self._keep = keep
        self._bounds = array("Q")
        self._literals = bytearray()
        self._overwritings: list[Overwriting] = []
        self._mark = 0

    def keeps(self, kind: Kind) -> bool:
        return kind in self._keep

    def keep(self, segment: Segment) -> None:
        self.keep_range(segment.start, segment.end)

    def keep_range(self, start: int, end: int) -> None:
        bounds = self._bounds
        if len(bounds) > self._mark and bounds[-1] == start:
            bounds[-1] = end
        elif start < end:
            bounds.extend((start, end))

    def add(self, literal: bytes) -> int:
        """Add bytes of our own; returns their address, for `patch`."""
        start, end = self._store(literal)
        self.keep_range(start, end)
        return start

    def patch(self, address: int, literal: bytes) -> None:
        """Replace bytes of our own by as many others."""
        start = address - self.file_size
        self._literals[start : start + len(literal)] = literal

    def erase(
        self,
        reader: Reader,
        start: int,
        end: int,
        kind: Kind | None,
        literal: bytes = b"",
        fill: bytes = b"\0",
    ) -> None:
        """Write a literal over a range of the original, and `fill` behind it.

        Notes the removal of `kind`, unless the range has this content already.
        """
        rest = reader.pieces(start + len(literal), end)
        is_there = reader.read_at(start, len(literal)) == literal
        if is_there and not any(piece.strip(fill) for piece in rest):
            return
        self._overwritings.append(Overwriting(start, end, literal, fill))
        if kind:
            self.removed.add(kind)

    def settle(self) -> None:
        """Sort the overwritings; where two overlap, the first in the file counts."""
        settled: list[Overwriting] = []
        done = 0
        for one in sorted(self._overwritings):
            cut = max(done - one.start, 0)
            if one.start + cut < one.end:
                settled.append(
                    one._replace(start=one.start + cut, literal=one.literal[cut:])
                )
                done = one.end
        self._overwritings = settled

    def complete(self, end: bytes) -> None:
        """Add the end that the file lacks."""
        self.add(end)
        self.is_completed = True

    def keep_or_remove(self, segment: Segment, kind: Kind) -> None:
        """Keep the segment if metadata of its kind stay, else note the removal."""
        if self.keeps(kind):
            self.keep(segment)
        else:
            self.removed.add(kind)

    def mark(self) -> None:
        """Remember this place, for `insert_at_mark`."""
        self._mark = len(self._bounds)

    def insert_at_mark(self, literal: bytes) -> None:
        if literal:
            bounds = array("Q", self._store(literal))
            self._bounds[self._mark : self._mark] = bounds

    def _store(self, literal: bytes) -> tuple[int, int]:
        start = self.file_size + len(self._literals)
        self._literals += literal
        return start, start + len(literal)

    @property
    def size(self) -> int:
        return sum(end - start for start, end in self.ranges())

    def ranges(self) -> Iterator[tuple[int, int]]:
        bounds = iter(self._bounds)
        return zip(bounds, bounds, strict=True)

    def range(self, index: int) -> tuple[int, int] | None:
        """Return the range with this number, or None if there are fewer."""
        if 2 * index >= len(self._bounds):
            return None
        return self._bounds[2 * index], self._bounds[2 * index + 1]

    def read(self, file: IO[bytes], start: int, count: int) -> bytes:
        """Return at least one and at most `count` bytes at an address."""
        if start >= self.file_size:
            start -= self.file_size
            return bytes(self._literals[start : start + count])
        file.seek(start)
        data = file.read(min(count, self.file_size - start))
        if not data:
            raise OSError("The file has become shorter than it was.")
        return self._overwritten(start, data) if self._overwritings else data

    def _overwritten(self, start: int, data: bytes) -> bytes:
        """Return data of the original with what is written over them."""
        end = start + len(data)
        result = bytearray(data)
        first = bisect_right(self._overwritings, start, key=attrgetter("start")) - 1
        for one in islice(self._overwritings, max(first, 0), None):
            if one.start >= end:
                break
            low, high = max(one.start, start), min(one.end, end)
            if low < high:
                result[low - start : high - start] = one.content(low, high)
        return bytes(result)


class PlannedFile(io.RawIOBase):
    """The file that a plan describes, read from the original as it is asked for.

    Closing it leaves the original open.
    """

    def __init__(self, original: IO[bytes], plan: Plan) -> None:
        plan.settle()
        self._original = original
        self._plan = plan
        self._size = plan.size
        self._position = self._index = self._skipped = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self._position
        elif whence == io.SEEK_END:
            offset += self._size
        if offset < 0:
            raise ValueError("A file cannot be read before its start.")
        position = self._position = offset
        # The number of the range at the position, and how far into it that is.
        self._index = 0
        for start, end in self._plan.ranges():
            if position < end - start:
                break
            position -= end - start
            self._index += 1
        self._skipped = position
        return self._position

    # The parameter's type is that of typeshed, which has no name for a buffer here.
    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece = self._plan.range(self._index)
        if piece is None or not len(buffer):
            return 0
        start, end = piece[0] + self._skipped, piece[1]
        data = self._plan.read(self._original, start, min(len(buffer), end - start))
        buffer[: len(data)] = data
        self._position += len(data)
        self._skipped += len(data)
        if start + len(data) == end:
            self._index, self._skipped = self._index + 1, 0
        return len(data)
