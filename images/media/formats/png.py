"""PNG (W3C PNG specification, third edition): the chunks from IHDR to IEND."""

from collections.abc import Iterator
from dataclasses import dataclass

from images.media.formats import exif
from images.media.formats.info import ImageInfo, InvalidImage, Limits, Segment
from images.media.formats.reader import Reader, truncated

SIGNATURE = b"\x89PNG\r\n\x1a\n"

# 5.3: a chunk is length, type, data and CRC.
OVERHEAD = 12

# 11.2.1, table 11: colour type and the bit depths that it may have.
BIT_DEPTHS = {
    0: {1, 2, 4, 8, 16},
    2: {8, 16},
    3: {1, 2, 4, 8},
    4: {8, 16},
    6: {8, 16},
}
PALETTE = 3
ANIMATION = frozenset({b"acTL", b"fcTL", b"fdAT"})
# The kind of an ancillary chunk whose checksum is wrong: decoders skip it.
DAMAGED = b""
CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})


def segments(reader: Reader) -> Iterator[Segment]:
    """Yield the signature and the chunks, with the reader at the data of each.

    Verifies each CRC. The last chunk is IEND, or another in a file without one.
    """
    reader.skip(len(SIGNATURE))
    yield Segment(SIGNATURE, 0, reader.position)
    kind = b""
    while kind != b"IEND" and reader.position < reader.size:
        reader.count_segment()
        start = reader.position
        length = int.from_bytes(reader.read(4), "big")
        kind = reader.peek(4)
        if not kind.isalpha():
            raise InvalidImage("The PNG file is damaged: a chunk header is wrong.")
        end = start + length + OVERHEAD
        reader.require(end)
        if reader.crc32(end - 4) != int.from_bytes(reader.read(4), "big"):
            if kind[:1].isupper() or kind in ANIMATION:
                raise InvalidImage("The PNG file is damaged: a checksum is wrong.")
            kind = DAMAGED
        reader.seek(start + 8)
        yield Segment(kind, start, end)
        reader.seek(end)


def inspect(reader: Reader, limits: Limits) -> ImageInfo:
    """Walk the file and return the facts from its headers."""
    header = _Header(limits)
    for segment in segments(reader):
        if segment.kind == SIGNATURE:
            continue
        header.take(segment, reader)
    if segment.kind != b"IEND":
        header.require_all_frames()
    return header.info(reader.position)


@dataclass(slots=True)
class _Header:
    """The facts read so far."""

    limits: Limits
    width: int = 0
    height: int = 0
    colour_type: int = 0
    bit_depth: int = 0
    has_palette: bool = False
    previous: bytes = b""
    pixel_bytes: int = 0
    orientation: int | None = None
    # The animation, 11.3.6: the frames declared, the frame headers found, and whether
    # data have followed the last of them.
    is_animated: bool = False
    declared_frames: int = 0
    frames: int = 0
    frame_has_data: bool = True
    sequence: int = 0

    def take(self, segment: Segment, reader: Reader) -> None:
        kind = segment.kind
        if (kind == b"IHDR") != (not self.width):
            raise InvalidImage("The PNG file is damaged: IHDR must come first.")
        take = _TAKERS.get(kind)
        if take:
            take(self, segment, reader)
        elif kind[:1].isupper():
            # 5.4: a decoder that meets an unknown critical chunk must give up.
            raise InvalidImage("The PNG file has a critical chunk that is unknown.")
        self.previous = kind

    def take_header(self, segment: Segment, reader: Reader) -> None:
        """Read IHDR (11.2.1)."""
        body = _read_exactly(13, segment, reader)
        self.width = int.from_bytes(body[:4], "big")
        self.height = int.from_bytes(body[4:8], "big")
        self.limits.check_size(self.width, self.height)
        self.bit_depth, self.colour_type, compression, filtering, interlace = body[8:]
        is_known = self.bit_depth in BIT_DEPTHS.get(self.colour_type, ())
        if not is_known or compression or filtering or interlace > 1:
            raise InvalidImage("The PNG file is damaged: its header is wrong.")

    def take_palette(self, segment: Segment, _reader: Reader) -> None:
        """Check PLTE (11.2.2)."""
        entries, rest = divmod(segment.end - segment.start - OVERHEAD, 3)
        is_late = self.pixel_bytes or self.has_palette
        if is_late or rest or not 1 <= entries <= min(2**self.bit_depth, 256):
            raise InvalidImage("The PNG file is damaged: its palette is wrong.")
        self.has_palette = True

    def take_pixels(self, segment: Segment, _reader: Reader) -> None:
        """Check IDAT (11.2.3): the chunks must follow each other."""
        if self.pixel_bytes and self.previous != b"IDAT":
            raise InvalidImage("The PNG file is damaged: its pixel data are split.")
        if self.colour_type == PALETTE and not self.has_palette:
            raise InvalidImage("The PNG file is damaged: its palette is missing.")
        self.pixel_bytes += segment.end - segment.start - OVERHEAD
        self.frame_has_data = True

    def take_end(self, segment: Segment, _reader: Reader) -> None:
        """Check IEND (11.2.4), and that no frame is without data."""
        if segment.end - segment.start != OVERHEAD:
            raise InvalidImage("The PNG file is damaged: its end is wrong.")
        if not self.frame_has_data or (self.frames and not self.is_animated):
            raise InvalidImage("The PNG file is damaged: animation frames are missing.")

    def require_all_frames(self) -> None:
        """Refuse a file without IEND where further frames may be missing.

        Whether the pixels are complete, `images.media.stripping` finds out.
        """
        if self.frames != self.declared_frames or not self.frame_has_data:
            raise truncated()

    def take_exif(self, segment: Segment, reader: Reader) -> None:
        """Read eXIf (11.3.4.5)."""
        if self.orientation is None:
            start, end = reader.position, segment.end - 4
            self.orientation = exif.read_orientation(reader, start, end)

    def take_animation(self, segment: Segment, reader: Reader) -> None:
        """Read acTL (11.3.6.1)."""
        body = _read_exactly(8, segment, reader)
        if self.is_animated or self.pixel_bytes:
            raise InvalidImage("The PNG file is damaged: its animation is wrong.")
        self.is_animated = True
        self.declared_frames = int.from_bytes(body[:4], "big")
        self.limits.check_frames(self.declared_frames)

    def take_frame(self, segment: Segment, reader: Reader) -> None:
        """Read fcTL (11.3.6.2): a frame within the image."""
        body = _read_exactly(26, segment, reader)
        self._check_sequence(body)
        width, height, left, top = (
            int.from_bytes(body[at : at + 4], "big") for at in (4, 8, 12, 16)
        )
        fits = left + width <= self.width and top + height <= self.height
        if not (width and height and fits and self.frame_has_data):
            raise InvalidImage("The PNG file is damaged: an animation frame is wrong.")
        self.frames += 1
        self.limits.check_frames(self.frames)
        self.frame_has_data = False

    def take_frame_data(self, segment: Segment, reader: Reader) -> None:
        """Read fdAT (11.3.6.3)."""
        if segment.end - segment.start <= OVERHEAD + 4 or not self.frames:
            raise InvalidImage("The PNG file is damaged: an animation frame is wrong.")
        self._check_sequence(reader.peek(4))
        self.frame_has_data = True

    def _check_sequence(self, body: bytes) -> None:
        """Check 11.3.6: fcTL and fdAT are numbered together from 0."""
        if int.from_bytes(body[:4], "big") != self.sequence:
            raise InvalidImage("The PNG file is damaged: its animation is wrong.")
        self.sequence += 1

    def info(self, size: int) -> ImageInfo:
        if not self.pixel_bytes:
            raise InvalidImage("The PNG file has no pixel data.")
        return ImageInfo.of_stored(
            "png",
            (self.width, self.height),
            orientation=self.orientation or 1,
            frames=self.frames or 1,
            size=size,
        )


_TAKERS = {
    b"IHDR": _Header.take_header,
    b"PLTE": _Header.take_palette,
    b"IDAT": _Header.take_pixels,
    b"IEND": _Header.take_end,
    b"eXIf": _Header.take_exif,
    b"acTL": _Header.take_animation,
    b"fcTL": _Header.take_frame,
    b"fdAT": _Header.take_frame_data,
}


def _read_exactly(length: int, segment: Segment, reader: Reader) -> bytes:
    if segment.end - segment.start != length + OVERHEAD:
        raise InvalidImage("The PNG file is damaged: a chunk has a wrong length.")
    return reader.read(length)
