"""Read a file in small pieces, never past its end."""

import io
import re
import zlib
from collections.abc import Iterator
from typing import IO

from images.media.formats.info import InvalidImage

CHUNK_SIZE = 32 * 1024

# Real files have from a handful to a few thousand segments; PNG files whose pixels
# are cut into small pieces have the most. Without this limit, 20 MiB of segments of
# four bytes would keep a worker busy for many seconds.
MAX_SEGMENTS = 100_000


class Reader:
    """A position in a file and one chunk of it.

    At most one chunk and its copies are in memory. Each move is checked against the
    end of the file: a length that points past it means that the file is truncated.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.seek(0, io.SEEK_END)
        self.size = file.tell()
        file.seek(0)
        self._buffer = b""
        self._buffer_start = 0
        self._offset = 0
        self._segments = 0

    @property
    def position(self) -> int:
        return self._buffer_start + self._offset

    def require(self, end: int) -> None:
        """Refuse the file if it stops before `end`."""
        if end > self.size:
            raise truncated()

    def seek(self, position: int) -> None:
        """Move to `position`, which may be the end of the file but not beyond."""
        self.require(position)
        offset = position - self._buffer_start
        if 0 <= offset <= len(self._buffer):
            self._offset = offset
            return
        self._file.seek(position)
        self._buffer, self._buffer_start, self._offset = b"", position, 0

    def skip(self, count: int) -> None:
        self.seek(self.position + count)

    def window(self, count: int = 1) -> tuple[bytes, int]:
        """Return the chunk and the position in it; at least `count` bytes follow."""
        if len(self._buffer) - self._offset >= count:
            return self._buffer, self._offset
        if count > CHUNK_SIZE:
            raise ValueError("Only a chunk can be read at once.")
        rest = bytearray(self._buffer[self._offset :])
        self._buffer_start += self._offset
        self._buffer, self._offset = b"", 0
        while len(rest) < count:
            piece = self._file.read(CHUNK_SIZE - len(rest))
            if not piece:
                raise truncated()
            rest += piece
        self._buffer = bytes(rest)
        return self._buffer, 0

    def peek(self, count: int) -> bytes:
        """Return the next `count` bytes, at most a chunk, without moving."""
        buffer, at = self.window(count)
        return buffer[at : at + count]

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes, at most a chunk, and move past them."""
        data = self.peek(count)
        self._offset += count
        return data

    def read_at(self, position: int, count: int) -> bytes:
        """Return up to `count` bytes at `position`, fewer at the end of the file."""
        self.seek(position)
        return self.read(min(count, self.size - position))

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes between two positions, a chunk at a time."""
        while start < end:
            piece = self.read_at(start, min(CHUNK_SIZE, end - start))
            yield piece
            start += len(piece)

    def find(self, pattern: re.Pattern[bytes], width: int) -> bool:
        """Move to the next match of a pattern that matches `width` bytes.

        Without a match, moves to the end of the file and returns False.
        """
        while self.size - self._buffer_start - self._offset >= width:
            buffer, at = self.window(width)
            if match := pattern.search(buffer, at):
                self._offset = match.start()
                return True
            # A match may begin in this chunk and end in the next one.
            self._offset = len(buffer) - (width - 1)
        self.seek(self.size)
        return False

    def crc32(self, end: int) -> int:
        """Move to `end` and return the CRC-32 of the bytes on the way."""
        crc = 0
        while (left := end - self.position) > 0:
            buffer, at = self.window()
            part = memoryview(buffer)[at : at + left]
            crc = zlib.crc32(part, crc)
            self._offset += len(part)
        return crc

    def count_segment(self) -> None:
        self._segments += 1
        if self._segments > MAX_SEGMENTS:
            raise too_many_parts()


def truncated() -> InvalidImage:
    return InvalidImage("The file is truncated.")


def too_many_parts() -> InvalidImage:
    return InvalidImage("The file is cut into too many parts.")
