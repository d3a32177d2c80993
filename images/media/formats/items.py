"""Items of HEIC and AVIF files: the `meta` box (ISO/IEC 14496-12, 8.11; 23008-12)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from images.media.formats.boxes import Box, Fields, boxes_in, damaged, open_full_box
from images.media.formats.reader import Reader, too_many_parts, truncated

# Items, extents, references and associations together. A photo of 100 megapixels in
# tiles of 256 x 256 has 11,000 of them.
MAX_ENTRIES = 15_000

# 8.11.3: the ways to say where the data of an item are.
IN_FILE, IN_IDAT, IN_ITEM = 0, 1, 2

Range = tuple[int, int]

# Coded pictures, and those that are made of others.
CODED = frozenset({b"av01", b"hvc1", b"hev1", b"hvt1", b"lhv1"})
PICTURES = CODED | {b"grid", b"iovl", b"iden", b"tmap", b"avc1", b"vvc1", b"j2k1"}


@dataclass(slots=True)
class Item:
    """An item, and where its data are."""

    number: int
    kind: bytes
    mime: bytes = b""
    method: int = IN_FILE
    extents: list[tuple[int, int, int]] = field(default_factory=list)
    """Index, offset and length."""
    ranges: list[Range] = field(default_factory=list)
    """Where in the file the data are."""
    properties: list[int] = field(default_factory=list)
    """Numbers of properties, from 1, in the order of their application."""


class Meta:
    """The content of a `meta` box."""

    def __init__(self, reader: Reader, box: Box, mdats: list[Box]) -> None:
        self._reader = reader
        self._entries = 0
        self.primary = 0
        self.items: dict[int, Item] = {}
        self.references: dict[tuple[bytes, int], tuple[int, ...]] = {}
        self.properties: list[Box] = []
        # 8.11.1: a full box.
        self.boxes = list(boxes_in(reader, box.body + 4, box.end))
        self.idat = self._find(b"idat")
        for kind, read in _READERS.items():
            if found := self._find(kind):
                read(self, found)
        for item in self.items.values():
            item.ranges = list(self._resolve(item, mdats))

    def read(self, item: Item, count: int, start: int = 0) -> bytes:
        """Return up to `count` bytes of the data of an item, at most a chunk."""
        data = b""
        for range_start, range_end in item.ranges:
            length = range_end - range_start
            if start < length and count > len(data):
                wanted = min(count - len(data), length - start)
                data += self._reader.read_at(range_start + start, wanted)
            start = max(0, start - length)
        return data

    def _resolve(self, item: Item, mdats: list[Box]) -> Iterator[Range]:
        """Yield the ranges of an item; no pixels of pictures may be missing."""
        if item.method == IN_ITEM:
            yield from self._resolve_in_items(item, mdats)
            return
        containers = mdats if item.method == IN_FILE else [self.idat or _NOWHERE]
        for _, offset, length in item.extents:
            start = offset if item.method == IN_FILE else containers[0].body + offset
            found = _inside(start, length, containers)
            if found is None and item.kind in PICTURES:
                raise truncated()
            if found and length:
                yield found

    def _resolve_in_items(self, item: Item, mdats: list[Box]) -> Iterator[Range]:
        """Yield parts of other items, which `iref` names (8.11.3)."""
        targets = self.references.get((b"iloc", item.number), ())
        for index, offset, left in item.extents:
            at = max(index, 1) - 1
            target = self.items.get(targets[at]) if at < len(targets) else None
            if target is None or target.method == IN_ITEM:
                raise damaged("an item refers to a wrong item")
            for start, end in self._resolve(target, mdats):
                self._count()
                skipped = min(offset, end - start)
                offset -= skipped
                start += skipped
                end = min(end, start + left)
                if start < end:
                    yield start, end
                    left -= end - start
            if left:
                raise truncated()

    def _find(self, kind: bytes) -> Box | None:
        return next((box for box in self.boxes if box.kind == kind), None)

    def _count(self) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise too_many_parts()

    def read_primary(self, box: Box) -> None:
        """Read `pitm` (8.11.4)."""
        fields, version, _ = open_full_box(self._reader, box)
        self.primary = fields.number(4 if version else 2)

    def read_items(self, box: Box) -> None:
        """Read `iinf` (8.11.6); the versions 0 and 1 of its entries have no type."""
        fields, version, _ = open_full_box(self._reader, box)
        fields.number(4 if version else 2)
        for entry in boxes_in(self._reader, fields.position, box.end):
            self._count()
            fields, version, _ = open_full_box(self._reader, entry)
            if entry.kind != b"infe" or version < 2:
                raise damaged("an item has no type")
            number = fields.number(2 if version == 2 else 4)
            fields.number(2)
            item = self.items.setdefault(number, Item(number, fields.take(4)))
            if item.kind == b"mime":
                fields.text()
                item.mime = fields.text()

    def read_locations(self, box: Box) -> None:
        """Read `iloc` (8.11.3)."""
        fields, version, _ = open_full_box(self._reader, box)
        sizes = fields.take(2)
        offset_size, length_size = sizes[0] >> 4, sizes[0] & 15
        base_size, index_size = sizes[1] >> 4, sizes[1] & 15
        if version > 2 or {offset_size, length_size, base_size} - {0, 4, 8}:
            raise damaged("its table of locations is wrong")
        if not version:
            index_size = 0
        for _ in range(fields.number(4 if version == 2 else 2)):
            item = self.items.get(fields.number(4 if version == 2 else 2), Item(0, b""))
            self._count()
            item.method = fields.number(2) & 15 if version else IN_FILE
            fields.number(2)
            base = fields.number(base_size)
            item.extents = []
            for _ in range(fields.number(2)):
                self._count()
                index, offset = fields.number(index_size), fields.number(offset_size)
                length = fields.number(length_size)
                item.extents.append((index, base + offset, length))
            if item.method > IN_ITEM:
                raise damaged("its table of locations is wrong")

    def read_references(self, box: Box) -> None:
        """Read `iref` (8.11.12)."""
        fields, version, _ = open_full_box(self._reader, box)
        size = 4 if version else 2
        for entry in boxes_in(self._reader, fields.position, box.end):
            fields = Fields(self._reader, entry.body, entry.end)
            source, targets = fields.number(size), []
            for _ in range(fields.number(2)):
                self._count()
                targets.append(fields.number(size))
            self._count()
            self.references.setdefault((entry.kind, source), tuple(targets))

    def read_properties(self, box: Box) -> None:
        """Read `iprp` (23008-12, 9.3): properties, and which items have them."""
        boxes = list(boxes_in(self._reader, box.body, box.end))
        self.properties = [
            one
            for container in boxes
            if container.kind == b"ipco"
            for one in boxes_in(self._reader, container.body, container.end)
        ]
        for one in boxes:
            if one.kind == b"ipma":
                self._read_associations(one)

    def _read_associations(self, box: Box) -> None:
        fields, version, flags = open_full_box(self._reader, box)
        size, essential = (2, 0x8000) if flags & 1 else (1, 0x80)
        for _ in range(fields.number(4)):
            self._count()
            item = self.items.get(fields.number(4 if version else 2), Item(0, b""))
            for _ in range(fields.number(1)):
                self._count()
                if number := fields.number(size) & ~essential:
                    item.properties.append(number)


# In this order: the others add to the items that `iinf` names.
_READERS = {
    b"pitm": Meta.read_primary,
    b"iinf": Meta.read_items,
    b"iloc": Meta.read_locations,
    b"iref": Meta.read_references,
    b"iprp": Meta.read_properties,
}
_NOWHERE = Box(b"", 0, 0, 0)


def _inside(start: int, length: int, containers: list[Box]) -> Range | None:
    """Return the range if one of the containers holds it."""
    for box in containers:
        if box.body <= start and start + length <= box.end:
            return start, start + length
    return None
