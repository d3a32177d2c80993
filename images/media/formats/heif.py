"""HEIC and AVIF: pictures in ISO base media files (ISO/IEC 23008-12, 23000-22)."""

from collections.abc import Iterator
from typing import NamedTuple

from images.media.formats.boxes import Box, Fields, box_at, damaged
from images.media.formats.heif_picture import HeifPicture
from images.media.formats.info import (
    NOT_AN_IMAGE,
    ImageInfo,
    InvalidImage,
    Limits,
)
from images.media.formats.items import Meta
from images.media.formats.reader import Reader, too_many_parts, truncated
from images.media.formats.tracks import Track, read_tracks

# 23008-12, annex B, and the specification of AVIF: the brands of pictures.
AVIF_BRANDS = frozenset({b"avif", b"avis"})
HEIC_BRANDS = frozenset(
    [b"mif1", b"mif2", b"msf1", b"heic", b"heix", b"heim", b"heis"]
    + [b"hevc", b"hevx", b"hevm", b"hevs"]
)
LONGEST_BRANDS = 4096

# The parts that show the picture. All others may go.
NEEDED = frozenset({b"ftyp", b"meta", b"moov", b"mdat"})
MAX_BOXES = 1000


class HeifFile(NamedTuple):
    """The parts of a file."""

    boxes: list[Box]
    """All boxes up to the last that is needed."""
    mdats: list[Box]
    items: Meta | None
    tracks: list[Track]

    @property
    def end(self) -> int:
        return self.boxes[-1].end


def is_heif(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def read_heif(reader: Reader) -> HeifFile:
    """Read the structure; raises InvalidImage when it is damaged."""
    boxes = list(_top_boxes(reader))
    while boxes and boxes[-1].kind not in NEEDED:
        boxes.pop()
    first = {box.kind: box for box in reversed(boxes)}
    meta, moov = first.get(b"meta"), first.get(b"moov")
    mdats = [box for box in boxes if box.kind == b"mdat"]
    return HeifFile(
        boxes,
        mdats,
        Meta(reader, meta, mdats) if meta else None,
        read_tracks(reader, moov) if moov else [],
    )


def _top_boxes(reader: Reader) -> Iterator[Box]:
    """Yield the boxes of the image; another file may follow, or anything else."""
    start = 0
    for _ in range(MAX_BOXES):
        box = box_at(reader, start, reader.size) if start < reader.size else None
        if box is None or (start and box.kind == b"ftyp"):
            return
        if box.end > reader.size:
            if box.kind in NEEDED:
                raise truncated()
            return
        yield box
        start = box.end
    raise too_many_parts()


def inspect(reader: Reader, limits: Limits) -> ImageInfo:
    """Read the structure and return the facts from it."""
    brands = _brands(reader)
    if not brands & (AVIF_BRANDS | HEIC_BRANDS):
        raise InvalidImage(NOT_AN_IMAGE)
    file = read_heif(reader)
    frames = max([track.frames for track in file.tracks], default=1)
    limits.check_frames(frames)
    for track in file.tracks:
        limits.check_size(track.width, track.height)
    picture = HeifPicture(reader, limits, file.items, file.tracks)
    if picture.format == "avif" and not brands & AVIF_BRANDS:
        raise damaged("its brands are wrong")
    reader.seek(file.end)
    return ImageInfo.of_stored(
        picture.format,
        picture.size,
        orientation=picture.orientation,
        frames=max(frames, 1),
        size=file.end,
        decoded_pixels=picture.decoded_pixels,
    )


def _brands(reader: Reader) -> set[bytes]:
    """Return the brands in `ftyp` (14496-12, 4.3)."""
    box = box_at(reader, 0, reader.size)
    if box is None or not 8 <= box.end - box.body <= LONGEST_BRANDS:
        raise damaged("its first box is wrong")
    if box.end > reader.size:
        raise truncated()
    fields = Fields(reader, box.body, box.end)
    names = fields.take(box.end - box.body)
    return {names[at : at + 4] for at in range(0, len(names), 4) if at != 4}
