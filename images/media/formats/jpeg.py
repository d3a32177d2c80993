"""JPEG (ITU-T T.81): the markers from SOI to EOI."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from images.media.formats import exif
from images.media.formats.info import ImageInfo, InvalidImage, Limits, Segment
from images.media.formats.reader import Reader, truncated

SIGNATURE = b"\xff\xd8\xff"

# T.81, table B.1: the markers by their second byte.
SOI, EOI, SOS, DHT, DNL, APP1 = b"\xd8", b"\xd9", b"\xda", b"\xc4", b"\xdc", b"\xe1"
DQT, DRI, COM = b"\xdb", b"\xdd", b"\xfe"
APPLICATION = frozenset(bytes([code]) for code in range(0xE0, 0xF0))
# Browsers show baseline, extended sequential and progressive files with Huffman
# coding. The others are lossless, hierarchical or arithmetic.
FRAMES = frozenset({b"\xc0", b"\xc1", b"\xc2"})
PROGRESSIVE = b"\xc2"
OTHER_FRAMES = frozenset(bytes([code]) for code in range(0xC3, 0xD0)) - {DHT}
SEGMENTS = FRAMES | APPLICATION | {SOS, DHT, DNL, DQT, DRI, COM}
# Not markers: the entropy-coded data that follow the header of a scan, and bytes
# that no marker announces. Decoders skip the latter, and markers without a meaning
# where they stand: restarts outside of a scan, and TEM.
ENTROPY, STRAY = b"", b"\0"
STRAY_MARKERS = frozenset(
    {STRAY, b"\x01"} | {bytes([code]) for code in range(0xD0, 0xD8)}
)

# T.81, B.1.1.5: within entropy-coded data FF 00 is a stuffed byte and FF D0 to
# FF D7 restart the decoder; B.1.1.2: FF before a marker is a fill byte.
END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
NOT_FILL = re.compile(rb"[^\xff]")
MARKER = re.compile(rb"\xff[^\x00\xff]")

# A frame header with four components is the longest that is read whole.
MAX_HEADER_LENGTH = 6 + 3 * 4

# Each scan of a progressive image makes the decoder go over all pixels again.
# Encoders write about ten; thousands of empty ones are an attack on the decoder.
MAX_SCANS = 500


def segments(reader: Reader) -> Iterator[Segment]:
    """Yield the segments, with the reader at the body of each.

    A scan gives two segments: its header, then its data as `ENTROPY`. The last
    segment is `EOI`, or `ENTROPY` in a file that ends without the marker.
    """
    reader.skip(2)
    yield Segment(SOI, 0, 2)
    while True:
        reader.count_segment()
        start = reader.position
        marker = _read_marker(reader)
        if marker in STRAY_MARKERS:
            if not reader.find(MARKER, width=2):
                raise truncated()
            yield Segment(STRAY, start, reader.position)
            continue
        if marker == EOI:
            yield Segment(EOI, start, reader.position)
            return
        end = _read_end(reader, marker)
        yield Segment(marker, start, end)
        reader.seek(end)
        if marker == SOS:
            has_more = reader.find(END_OF_SCAN, width=2)
            end_of_scan = reader.position
            yield Segment(ENTROPY, end, end_of_scan)
            if not has_more:
                return
            reader.seek(end_of_scan)


def _read_marker(reader: Reader) -> bytes:
    """Return the next marker, or `STRAY` if there is none at the position."""
    if reader.read(1) != b"\xff":
        return STRAY
    reader.find(NOT_FILL, width=1)
    return reader.read(1)


def _read_end(reader: Reader, marker: bytes) -> int:
    """Read the length, which counts its own two bytes (T.81, B.1.1.4)."""
    if marker in OTHER_FRAMES:
        raise InvalidImage("Lossless and arithmetic JPEG files are not supported.")
    if marker not in SEGMENTS:
        raise InvalidImage("The JPEG file is damaged: it has an unknown marker.")
    length = int.from_bytes(reader.read(2), "big")
    if length < 2:
        if marker not in APPLICATION and marker != COM:
            raise InvalidImage(
                "The JPEG file is damaged: a segment has a wrong length."
            )
        # Decoders go on behind the length, and skip what follows as stray bytes.
        length = 2
    end = reader.position + length - 2
    reader.require(end)
    return end


def _read_body(segment: Segment, reader: Reader) -> bytes:
    length = segment.end - reader.position
    if length > MAX_HEADER_LENGTH:
        raise InvalidImage("The JPEG file is damaged: a segment has a wrong length.")
    return reader.read(length)


def inspect(reader: Reader, limits: Limits) -> ImageInfo:
    """Walk the file and return the facts from its headers."""
    header = _Header(limits)
    for segment in segments(reader):
        header.take(segment, reader)
    if segment.kind != EOI:
        header.require_all_in_one_scan()
    return header.info(reader.position)


@dataclass(slots=True)
class _Header:
    """The facts read so far."""

    limits: Limits
    width: int = 0
    height: int = 0
    components: bytes = b""
    scans: int = 0
    scan_components: int = 0
    is_progressive: bool = False
    orientation: int | None = None

    def take(self, segment: Segment, reader: Reader) -> None:
        kind = segment.kind
        if kind in FRAMES:
            self.is_progressive = kind == PROGRESSIVE
            self._take_frame(_read_body(segment, reader))
        elif kind == SOS:
            self._take_scan(_read_body(segment, reader))
        elif kind == ENTROPY and segment.start == segment.end:
            raise InvalidImage("The JPEG file is damaged: a scan is empty.")
        elif kind == DNL:
            self._take_number_of_lines(_read_body(segment, reader))
        elif kind == APP1 and self.orientation is None:
            self._take_exif(segment, reader)

    def _take_frame(self, body: bytes) -> None:
        """Read a frame header (T.81, B.2.2)."""
        if self.components:
            raise InvalidImage("The JPEG file is damaged: it has two frames.")
        # Precision 12 exists, but no browser shows it.
        if len(body) < 6 or body[0] != 8 or len(body) != 6 + 3 * body[5]:
            raise InvalidImage(
                "The JPEG file has a frame header that is not supported."
            )
        self.height = int.from_bytes(body[1:3], "big")
        self.width = int.from_bytes(body[3:5], "big")
        # A height of 0 would be given later by DNL; no common decoder reads that.
        self.limits.check_size(self.width, self.height)
        self.components = body[6::3]
        if len(self.components) not in (1, 3, 4):
            raise InvalidImage("The JPEG file has a wrong number of components.")

    def _take_scan(self, body: bytes) -> None:
        """Read a scan header (T.81, B.2.3)."""
        if not self.components:
            raise InvalidImage("The JPEG file is damaged: it has no frame header.")
        if not body or not 1 <= body[0] <= 4 or len(body) != 4 + 2 * body[0]:
            raise InvalidImage("The JPEG file is damaged: a scan header is wrong.")
        if not set(body[1:-3:2]) <= set(self.components):
            raise InvalidImage("The JPEG file is damaged: a scan header is wrong.")
        self.scans += 1
        self.scan_components = body[0]
        if self.scans > MAX_SCANS:
            raise InvalidImage("The JPEG file has too many scans.")

    def require_all_in_one_scan(self) -> None:
        """Refuse a file without EOI, where further scans may be missing.

        Whether the one scan is complete, `images.media.stripping` finds out.
        """
        is_alone = self.scans == 1 and self.scan_components == len(self.components)
        if self.is_progressive or not is_alone:
            raise truncated()

    def _take_number_of_lines(self, body: bytes) -> None:
        """Read DNL (T.81, B.2.5), which must not contradict the frame header.

        Some decoders use its height and others do not: another height would be a
        way around the pixel limit.
        """
        if not self.scans or int.from_bytes(body, "big") != self.height:
            raise InvalidImage("The JPEG file is damaged: it has two heights.")

    def _take_exif(self, segment: Segment, reader: Reader) -> None:
        """Read the orientation; APP1 holds EXIF or XMP (EXIF 2.32, 4.7.2)."""
        start = reader.position
        if reader.read_at(start, len(exif.PREFIX)) == exif.PREFIX:
            self.orientation = exif.read_orientation(reader, start, segment.end)

    def info(self, size: int) -> ImageInfo:
        if not self.scans:
            raise InvalidImage("The JPEG file has no pixel data.")
        return ImageInfo.of_stored(
            "jpeg",
            (self.width, self.height),
            orientation=self.orientation or 1,
            size=size,
            scans=self.scans,
        )
