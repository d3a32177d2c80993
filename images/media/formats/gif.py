"""GIF (GIF89a specification, CompuServe 1990): the blocks up to the trailer."""

import re
from collections.abc import Iterator

from images.media.formats.info import ImageInfo, InvalidImage, Limits, Segment
from images.media.formats.reader import Reader, truncated

SIGNATURES = (b"GIF87a", b"GIF89a")

# The kinds of segments: the signature with the screen descriptor and the global
# colour table; then the introducers of the specification's appendix A. The data
# of an image come as a segment of their own, and so do zeros between blocks, which
# decoders skip.
SCREEN, DATA, STRAY = b"GIF", b"", b"\0"
EXTENSION, IMAGE, TRAILER = b"\x21", b"\x2c", b"\x3b"

HAS_COLOUR_TABLE = 0x80
NOT_ZERO = re.compile(rb"[^\0]")
GRAPHIC_CONTROL = b"\xf9"
SCREEN_LENGTH = 13
IMAGE_LENGTH = 10
LONGEST_SIDE = 0xFFFF

# Section 22 and appendix F: codes begin with the number of bits of a pixel; even
# for two colours that is 2.
CODE_SIZES = range(2, 9)


def segments(reader: Reader) -> Iterator[Segment]:
    """Yield the blocks, with the reader at the start of each.

    The last block is the trailer, or another in a file without one.
    """
    screen = reader.peek(SCREEN_LENGTH)
    end = SCREEN_LENGTH + _colour_table_length(screen[10])
    yield from _yield_segment(reader, SCREEN, 0, end)
    kind = b""
    has_image = False
    while kind != TRAILER and reader.position < reader.size:
        reader.count_segment()
        start = reader.position
        kind = reader.peek(1)
        if kind == TRAILER:
            yield from _yield_segment(reader, TRAILER, start, start + 1)
        elif kind == EXTENSION:
            reader.skip(2)
            _skip_sub_blocks(reader)
            yield from _yield_segment(reader, EXTENSION, start, reader.position)
        elif kind == IMAGE:
            table = _colour_table_length(reader.peek(IMAGE_LENGTH)[9])
            end = start + IMAGE_LENGTH + table
            yield from _yield_segment(reader, IMAGE, start, end)
            reader.skip(1)
            _skip_sub_blocks(reader)
            yield from _yield_segment(reader, DATA, end, reader.position)
            has_image = True
        elif kind == STRAY:
            reader.find(NOT_ZERO, width=1)
            yield from _yield_segment(reader, STRAY, start, reader.position)
        elif has_image:
            # Decoders stop here, and show the frames that they have.
            return
        else:
            raise InvalidImage("The GIF file is damaged: it has an unknown block.")


def _yield_segment(
    reader: Reader, kind: bytes, start: int, end: int
) -> Iterator[Segment]:
    reader.require(end)
    reader.seek(start)
    yield Segment(kind, start, end)
    reader.seek(end)


def _colour_table_length(flags: int) -> int:
    """Return the bytes of the colour table (sections 18 and 20, packed fields)."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & HAS_COLOUR_TABLE else 0


def _skip_sub_blocks(reader: Reader) -> None:
    """Move past a chain of sub-blocks, each with its length first (section 15).

    A hostile file can have millions of one byte each, so the loop does very little
    for each of them.
    """
    while True:
        buffer, start = reader.window()
        at, end = start, len(buffer)
        while at < end:
            length = buffer[at]
            at += length + 1
            if not length:
                reader.skip(at - start)
                return
        reader.skip(at - start)


def inspect(reader: Reader, limits: Limits) -> ImageInfo:
    """Walk the file and return the facts from its headers."""
    screen = (0, 0)
    frames = 0
    announces_frame = False
    for segment in segments(reader):
        if segment.kind == SCREEN:
            screen = rectangle(reader.peek(SCREEN_LENGTH)[6:10])
        elif segment.kind == IMAGE:
            frames += 1
            limits.check_frames(frames)
            corner = corner_of(reader.peek(IMAGE_LENGTH))
            limits.check_size(*corner)
            if frames == 1:
                screen = enlarged(screen, corner)
                limits.check_size(*screen)
        elif segment.kind == DATA:
            announces_frame = False
            # Section 22: the table-based image data.
            code_size, length = reader.peek(2)
            if code_size not in CODE_SIZES or not length:
                text = "The GIF file is damaged: its pixel data are wrong."
                raise InvalidImage(text)
        elif segment.kind == EXTENSION:
            announces_frame = reader.peek(2)[1:] == GRAPHIC_CONTROL
    if not frames:
        raise InvalidImage("The GIF file has no pixel data.")
    if segment.kind != TRAILER and announces_frame:
        raise truncated()
    return ImageInfo.of_stored("gif", screen, frames=frames, size=reader.position)


def rectangle(body: bytes) -> tuple[int, int]:
    return int.from_bytes(body[:2], "little"), int.from_bytes(body[2:4], "little")


def corner_of(descriptor: bytes) -> tuple[int, int]:
    """Return the right and lower end of a frame (section 20)."""
    left, top = rectangle(descriptor[1:5])
    width, height = rectangle(descriptor[5:9])
    corner = left + width, top + height
    if not width or not height or max(corner) > LONGEST_SIDE:
        raise InvalidImage("The GIF file is damaged: a frame has a wrong size.")
    return corner


def enlarged(screen: tuple[int, int], corner: tuple[int, int]) -> tuple[int, int]:
    """Return the screen that browsers show: the first frame always fits.

    Later frames may be cut off.
    """
    return max(screen[0], corner[0]), max(screen[1], corner[1])
