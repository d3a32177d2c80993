"""Plan HEIC and AVIF files without metadata (ISO/IEC 23008-12).

Offsets into the file are spread over its tables, so nothing is moved: metadata are
overwritten in place, and only the end of the file is cut off.
"""

import io
import sys
from collections.abc import Iterator
from itertools import pairwise

from images.media.formats.boxes import damaged
from images.media.formats.heif import HeifFile, read_heif
from images.media.formats.heif_picture import (
    EXIF_HEADER_LENGTH,
    HeifPicture,
    primary_exif,
    tiff_offset,
)
from images.media.formats.info import Limits
from images.media.formats.items import PICTURES, Item, Meta, Range
from images.media.formats.reader import CHUNK_SIZE, Reader
from images.media.stripping.exif import Exif
from images.media.stripping.heif_boxes import BoxCleaner
from images.media.stripping.plan import Kind, Plan
from images.media.stripping.ranges import merged, without

NO_LIMITS = Limits(sys.maxsize, sys.maxsize)

# A block without entries: decoders refuse EXIF data that are not TIFF at all.
EMPTY_TIFF = b"MM\0*\0\0\0\x08" + bytes(6)
# The EXIF data of phones have up to 64 KiB, with a thumbnail and maker notes.
LONGEST_EXIF = 256 * 1024

XMP_TYPE = b"application/rdf+xml"
EMPTY_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"/>'


def plan_heif(reader: Reader, plan: Plan) -> None:
    """Plan the whole file, and overwrite in it what is not needed for the picture."""
    file = read_heif(reader)
    picture = HeifPicture(reader, NO_LIMITS, file.items, file.tracks)
    plan.keep_range(0, file.end)
    cleaner = BoxCleaner(reader, plan)
    cleaner.clean(file.boxes)
    metas = [file.items] if file.items else []
    metas += [Meta(reader, box, file.mdats) for box in cleaner.metas]
    pictures = merged(
        one
        for meta in metas
        for item in meta.items.values()
        if item.kind in PICTURES
        for one in item.ranges
    )
    erased: set[Range] = set()
    for meta in metas:
        for item, is_primary in _others(meta):
            # Encoders store the same data of two items once.
            ranges = [r for r in without(item.ranges, pictures) if r not in erased]
            if item.kind == b"Exif" and ranges and ranges != item.ranges:
                raise damaged("its items overlap")
            literal = b""
            if is_primary and ranges:
                literal = _read_exif(meta, item, plan, picture.orientation)
            _plan_item(reader, plan, item, ranges, literal)
            erased.update(ranges)
    if any(one[1] > next_one[0] for one, next_one in pairwise(sorted(erased))):
        raise damaged("its items overlap")
    if not file.tracks:
        # Samples of tracks are not in the table of items.
        _erase_unused(reader, plan, file, merged([*pictures, *erased]))
    reader.seek(file.end)


def _others(meta: Meta) -> Iterator[tuple[Item, bool]]:
    """Yield the items that are no pictures, and whether their EXIF data count."""
    first = primary_exif(meta)
    if first and first.ranges:
        yield first, True
    for item in meta.items.values():
        if item.ranges and item is not first and item.kind not in PICTURES:
            yield item, False


def _plan_item(
    reader: Reader, plan: Plan, item: Item, ranges: list[Range], block: bytes
) -> None:
    """Overwrite an item; `block` is what stays of the EXIF data that count."""
    literal, fill = b"", b"\0"
    kind: Kind | None = Kind.THUMBNAIL if item.kind == b"jpeg" else Kind.OTHER
    if item.kind == b"Exif":
        literal = bytes(EXIF_HEADER_LENGTH) + (block or EMPTY_TIFF)
        # What the block told was noted when it was read.
        kind = None if block else Kind.OTHER
    elif item.kind == b"mime":
        fill = b" "
        if item.mime == XMP_TYPE:
            kind, literal = Kind.XMP, EMPTY_XMP
    if ranges and len(literal) > ranges[0][1] - ranges[0][0]:
        literal = b""
    for start, end in ranges:
        plan.erase(reader, start, end, kind, literal, fill)
        literal = b""


def _read_exif(meta: Meta, item: Item, plan: Plan, orientation: int) -> bytes:
    """Return the block that is stored in the place of the EXIF data."""
    parts, position = [], 0
    while part := meta.read(item, CHUNK_SIZE, position):
        parts.append(part)
        position += len(part)
        if position >= LONGEST_EXIF:
            break
    data = b"".join(parts)
    exif = Exif()
    start = min(tiff_offset(data), len(data))
    if any(data):
        exif.take(Reader(io.BytesIO(data)), start, len(data), plan)
    exif.orientation = orientation
    block = exif.minimal() or EMPTY_TIFF
    if exif.rights and EXIF_HEADER_LENGTH + len(block) > len(data):
        plan.removed.add(Kind.COPYRIGHT)
        exif.rights = {}
        block = exif.minimal() or EMPTY_TIFF
    return block


def _erase_unused(
    reader: Reader, plan: Plan, file: HeifFile, used: list[Range]
) -> None:
    """Overwrite all data that belong to no item."""
    containers = list(file.mdats)
    if file.items and file.items.idat:
        containers.append(file.items.idat)
    for box in containers:
        for start, end in without([(box.body, box.end)], used):
            plan.erase(reader, start, end, Kind.OTHER)
