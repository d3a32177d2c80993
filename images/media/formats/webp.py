"""WebP (RFC 9649): the RIFF chunks, and the headers of VP8 (RFC 6386) and VP8L."""

from collections.abc import Iterator
from dataclasses import dataclass

from images.media.formats.info import ImageInfo, InvalidImage, Limits, Segment
from images.media.formats.reader import Reader

HEADER_LENGTH = 12
CHUNK_HEADER_LENGTH = 8

# RFC 9649, 2.7: the flags of VP8X, as bits of its first byte.
HAS_ANIMATION = 0x02
HAS_EXIF = 0x08
BITSTREAMS = frozenset({b"VP8 ", b"VP8L"})
FRAME_HEADER_LENGTH = 16


def is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def segments(reader: Reader) -> Iterator[Segment]:
    """Yield the chunks, with the reader at the data of each.

    The header gives the length of the image: a shorter file is truncated, and bytes
    behind that length do not belong to the image (2.4).
    """
    header = reader.peek(HEADER_LENGTH)
    end = int.from_bytes(header[4:8], "little") + 8
    if end < HEADER_LENGTH or end % 2:
        raise InvalidImage("The WebP file is damaged: its length is wrong.")
    reader.require(end)
    reader.seek(HEADER_LENGTH)
    yield from chunks(reader, end)


def chunks(reader: Reader, end: int) -> Iterator[Segment]:
    """Yield the chunks up to `end` (2.3): type, length, data, padding if odd."""
    while reader.position < end:
        reader.count_segment()
        start = reader.position
        kind = reader.read(4)
        length = int.from_bytes(reader.read(4), "little")
        chunk_end = start + CHUNK_HEADER_LENGTH + length + length % 2
        if chunk_end > end:
            raise InvalidImage("The WebP file is damaged: a chunk has a wrong length.")
        yield Segment(kind, start, chunk_end)
        reader.seek(chunk_end)


def inspect(reader: Reader, limits: Limits) -> ImageInfo:
    """Walk the file and return the facts from its headers.

    The orientation is 1: browsers do not turn a WebP file, whatever its EXIF says.
    """
    header: _Header | None = None
    for segment in segments(reader):
        if header is None:
            header = _begin(segment, reader, limits)
        else:
            header.take(segment, reader)
    if header is None or not header.frames:
        raise InvalidImage("The WebP file has no pixel data.")
    return ImageInfo.of_stored(
        "webp",
        header.canvas,
        frames=header.frames,
        size=reader.position,
    )


@dataclass(slots=True)
class _Header:
    """The facts read so far; `frames` is 1 for a still image."""

    limits: Limits
    canvas: tuple[int, int]
    flags: int = 0
    frames: int = 0
    has_animation_parameters: bool = False

    def take(self, segment: Segment, reader: Reader) -> None:
        kind = segment.kind
        is_animated = bool(self.flags & HAS_ANIMATION)
        if kind in BITSTREAMS:
            if is_animated or self.frames:
                raise InvalidImage("The WebP file is damaged: it has a stray image.")
            if _bitstream_size(segment, reader) != self.canvas:
                raise InvalidImage("The WebP file is damaged: it has two sizes.")
            self.frames = 1
        elif kind in (b"ANIM", b"ANMF") and not is_animated:
            raise InvalidImage("The WebP file is damaged: it has a stray animation.")
        elif kind == b"ANIM":
            self.has_animation_parameters = True
        elif kind == b"ANMF":
            self._take_frame(segment, reader)

    def _take_frame(self, segment: Segment, reader: Reader) -> None:
        """Read a frame of an animation (2.7.1.1): position, size and bitstream."""
        self.frames += 1
        self.limits.check_frames(self.frames)
        start = reader.position
        if not self.has_animation_parameters or segment.end - start < (
            FRAME_HEADER_LENGTH
        ):
            raise InvalidImage("The WebP file is damaged: an animation frame is wrong.")
        left, top, width, height = _numbers(reader.read(FRAME_HEADER_LENGTH)[:12])
        size = (width + 1, height + 1)
        fits = (
            2 * left + size[0] <= self.canvas[0] and 2 * top + size[1] <= self.canvas[1]
        )
        bitstreams = [
            _bitstream_size(chunk, reader)
            for chunk in chunks(reader, segment.end)
            if chunk.kind in BITSTREAMS
        ]
        if not fits or bitstreams != [size]:
            raise InvalidImage("The WebP file is damaged: an animation frame is wrong.")


def _begin(segment: Segment, reader: Reader, limits: Limits) -> _Header:
    """Read the first chunk, which gives the layout of the file (2.5 to 2.7)."""
    if segment.kind in BITSTREAMS:
        size = _bitstream_size(segment, reader)
        limits.check_size(*size)
        return _Header(limits, size, frames=1)
    if segment.kind != b"VP8X" or segment.end - reader.position < 10:
        raise InvalidImage("The WebP file is damaged: its first chunk is wrong.")
    body = reader.read(10)
    width, height = _numbers(body[4:])
    limits.check_size(width + 1, height + 1)
    return _Header(limits, (width + 1, height + 1), flags=body[0])


def _numbers(body: bytes) -> list[int]:
    """Return the 24-bit numbers of VP8X and ANMF."""
    return [
        int.from_bytes(body[at : at + 3], "little") for at in range(0, len(body), 3)
    ]


def _bitstream_size(segment: Segment, reader: Reader) -> tuple[int, int]:
    length = segment.end - reader.position
    body = reader.peek(min(length, 10))
    size = _vp8_size(body, length) if segment.kind == b"VP8 " else _vp8l_size(body)
    if size is None:
        raise InvalidImage("The WebP file is damaged: its pixel data are wrong.")
    return size


def _vp8_size(body: bytes, length: int) -> tuple[int, int] | None:
    """Read the header of a key frame (RFC 6386, 9.1); the scale bits are ignored."""
    tag = int.from_bytes(body[:3], "little")
    is_shown_key_frame = tag & 0b10001 == 0b10000
    version, first_partition = tag >> 1 & 7, tag >> 5
    if len(body) < 10 or body[3:6] != b"\x9d\x01\x2a" or not is_shown_key_frame:
        return None
    if version > 3 or first_partition >= length:
        return None
    width = int.from_bytes(body[6:8], "little") & 0x3FFF
    height = int.from_bytes(body[8:10], "little") & 0x3FFF
    return (width, height)


def _vp8l_size(body: bytes) -> tuple[int, int] | None:
    """Read the header of a lossless bitstream (RFC 9649, 3.4)."""
    bits = int.from_bytes(body[1:5], "little")
    if len(body) < 5 or body[0] != 0x2F or bits >> 29:
        return None
    return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
