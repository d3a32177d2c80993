"""Overwrite private data in colour profiles (ICC.1:2022); colours stay the same."""

from collections.abc import Callable, Iterator

from images.media.formats.items import Range
from images.media.formats.reader import Reader
from images.media.stripping.plan import Kind, Plan
from images.media.stripping.ranges import merged, without

HEADER_LENGTH = 128
# 7.2: where the header has the date of making, and a hash of the profile, which is
# wrong once a byte is overwritten; zeros say that there is none.
DATE, PROFILE_ID = (24, 36), (84, 100)
SIGNATURE, SIGNATURE_AT = b"acsp", 36
TAG_LENGTH = 12
MAX_TAGS = 100

# 9.2: the tags that programs need to show colours, and the names of the profile.
# Others tell of one device: `mmod` has the maker, the model, the serial number and
# the date of a screen, `vcgt` its calibration.
PUBLIC = frozenset(
    [b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt"]
    + [b"B2D0", b"B2D1", b"B2D2", b"B2D3", b"D2B0", b"D2B1", b"D2B2", b"D2B3"]
    + [b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC"]
    + [b"wtpt", b"bkpt", b"chad", b"chrm", b"lumi", b"meas", b"tech", b"view"]
    + [b"desc", b"cprt", b"vued", b"dmnd", b"dmdd", b"pseq", b"psid"]
    + [b"pre0", b"pre1", b"pre2", b"ncl2", b"ncol", b"clro", b"clrt", b"clot"]
    + [b"ciis", b"rig0", b"rig2", b"resp", b"cicp", b"bfd ", b"crdi", b"ps2s"]
)


def clean_profile(reader: Reader, plan: Plan, parts: list[Range]) -> None:
    """Overwrite what is private in a profile that stands in parts of the file."""
    length = sum(end - start for start, end in parts)

    def read(start: int, end: int) -> bytes:
        places = _places(parts, start, end)
        return b"".join(reader.read_at(low, high - low) for low, high in places)

    for private in private_ranges(read, length):
        kind = None if private in (DATE, PROFILE_ID) else Kind.OTHER
        for low, high in _places(parts, *private):
            plan.erase(reader, low, high, kind)


def _places(parts: list[Range], start: int, end: int) -> Iterator[Range]:
    """Yield where in the file a range of the profile stands."""
    at = 0
    for low, high in parts:
        first, last = max(start - at, 0), min(end - at, high - low)
        if first < last:
            yield low + first, low + last
        at += high - low


def private_ranges(read: Callable[[int, int], bytes], length: int) -> list[Range]:
    """Return the parts of a profile that tell of a device or a time.

    `read` returns the bytes of the profile between two positions. Nothing is returned
    for data that are no profile.
    """
    head = read(0, min(length, HEADER_LENGTH + 4))
    if head[SIGNATURE_AT : SIGNATURE_AT + 4] != SIGNATURE or len(head) < 132:
        return []
    count = min(int.from_bytes(head[HEADER_LENGTH:], "big"), MAX_TAGS)
    start = HEADER_LENGTH + 4
    table_end = min(start + TAG_LENGTH * count, length)
    tags = list(_tags(read(start, table_end), length))
    needed = [(0, table_end), *(place for kind, place in tags if kind in PUBLIC)]
    private = [place for kind, place in tags if kind not in PUBLIC]
    # Tags may share their data (7.3).
    return [DATE, PROFILE_ID, *without(private, merged(needed))]


def _tags(table: bytes, length: int) -> Iterator[tuple[bytes, Range]]:
    for at in range(0, len(table) - TAG_LENGTH + 1, TAG_LENGTH):
        kind, offset, size = table[at : at + 4], table[at + 4 : at + 8], table[at + 8 :]
        start = int.from_bytes(offset, "big")
        end = start + int.from_bytes(size[:4], "big")
        if end <= length:
            yield kind, (start, end)
