"""Parts of HEIC and AVIF files, and the file around them."""

import functools
import struct
from collections.abc import Iterable
from dataclasses import dataclass


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, bytes([version]) + flags.to_bytes(3, "big"), *parts)


def number(value: int, size: int = 4) -> bytes:
    return value.to_bytes(size, "big") if size else b""


def ispe(width: int, height: int) -> bytes:
    return full_box(b"ispe", number(width), number(height))


def irot(quarters: int) -> bytes:
    return box(b"irot", bytes([quarters]))


def imir(axis: int) -> bytes:
    return box(b"imir", bytes([axis]))


def clap(width: int, height: int, left: int = 0, top: int = 0) -> bytes:
    """Return a crop; the offsets are those of the centres, in halves of a pixel."""
    offsets = struct.pack(">iIiI", left, 2, top, 2)
    return box(b"clap", struct.pack(">IIII", width, 1, height, 1), offsets)


def grid_data(columns: int, rows: int, width: int, height: int) -> bytes:
    return bytes([0, 0, rows - 1, columns - 1]) + struct.pack(">HH", width, height)


@dataclass(frozen=True)
class Item:
    """An item; `method` says where its data stand, and `pieces` in how many extents."""

    kind: bytes
    data: bytes
    properties: tuple[bytes, ...] = ()
    mime: bytes = b""
    method: int = 0
    pieces: int = 1

    def extents(self) -> list[bytes]:
        size = -(-len(self.data) // self.pieces) or 1
        return [self.data[at : at + size] for at in range(0, len(self.data), size)]


def brands(codec: str) -> tuple[bytes, ...]:
    return (b"avif", b"mif1", b"miaf") if codec == "av01" else (b"heic", b"mif1")


def heif(
    *items: Item,
    codec: str = "av01",
    primary: int = 1,
    references: Iterable[tuple[bytes, int, tuple[int, ...]]] = (),
    major: tuple[bytes, ...] | None = None,
    version: int = 0,
    sizes: tuple[int, int, int] = (4, 4, 0),
    meta_last: bool = False,
    more: bytes = b"",
    behind: bytes = b"",
    long_mdat: bool = False,
    open_mdat: bool = False,
) -> bytes:
    """Return a file; the items are numbered from 1.

    `version` and `sizes` (of offsets, lengths and base offsets) are those of `iloc`.
    `more` are boxes in `meta`, `behind` is what follows.
    """
    first, *others = major or brands(codec)
    head = box(b"ftyp", first, bytes(4), first, *others)
    data = b"".join(item.data for item in items if item.method == 0)
    if long_mdat:
        mdat = number(1) + b"mdat" + number(len(data) + 16, 8)
    else:
        mdat = number(0 if open_mdat else len(data) + 8) + b"mdat"
    build = functools.partial(
        _meta, items, list(references), primary, version, sizes, more
    )
    meta = build(0)
    if meta_last:
        return head + mdat + data + build(len(head + mdat)) + behind
    return head + build(len(head + meta + mdat)) + mdat + data + behind


def _meta(
    items: tuple[Item, ...],
    references: list[tuple[bytes, int, tuple[int, ...]]],
    primary: int,
    version: int,
    sizes: tuple[int, int, int],
    more: bytes,
    start: int,
) -> bytes:
    handler = full_box(b"hdlr", bytes(4), b"pict", bytes(12), b"\0")
    entries = [
        full_box(
            b"infe",
            number(index, 2),
            bytes(2),
            item.kind,
            b"\0",
            item.mime + b"\0" if item.mime else b"",
            version=2,
        )
        for index, item in enumerate(items, 1)
    ]
    parts = [
        handler,
        full_box(b"pitm", number(primary, 2)),
        _locations(items, version, sizes, start),
        full_box(b"iinf", number(len(items), 2), *entries),
        _properties(items),
    ]
    for item in (item for item in items if item.method == 2):
        # The data stand in the item before it.
        at = items.index(item) + 1
        references = [*references, (b"iloc", at, (at - 1,))]
    if references:
        parts.append(full_box(b"iref", *[_reference(*one) for one in references]))
    if idat := b"".join(item.data for item in items if item.method == 1):
        parts.append(box(b"idat", idat))
    return full_box(b"meta", *parts, more)


def _reference(kind: bytes, source: int, targets: tuple[int, ...]) -> bytes:
    return box(
        kind,
        number(source, 2),
        number(len(targets), 2),
        *[number(target, 2) for target in targets],
    )


def _properties(items: tuple[Item, ...]) -> bytes:
    known = list(dict.fromkeys(one for item in items for one in item.properties))
    rows = b"".join(
        number(index, 2)
        + bytes([len(item.properties)])
        + bytes(known.index(one) + 1 | _essential(one) for one in item.properties)
        for index, item in enumerate(items, 1)
    )
    return box(
        b"iprp",
        box(b"ipco", *known),
        full_box(b"ipma", number(len(items)), rows),
    )


def _essential(one: bytes) -> int:
    names = (b"av1C", b"hvcC", b"irot", b"imir", b"clap")
    return 0x80 if one[4:8] in names else 0


def _locations(
    items: tuple[Item, ...], version: int, sizes: tuple[int, int, int], start: int
) -> bytes:
    offset_size, length_size, base_size = sizes
    wide = 4 if version == 2 else 2
    rows = []
    at = {0: start, 1: 0, 2: 0}
    for index, item in enumerate(items, 1):
        base = at[item.method] if base_size else 0
        row = number(index, wide)
        if version:
            row += number(item.method, 2)
        row += bytes(2) + number(base, base_size) + number(len(item.extents()), 2)
        for extent in item.extents():
            row += number(at[item.method] - base, offset_size)
            row += number(len(extent), length_size)
            at[item.method] += len(extent) if item.method != 2 else 0
        rows.append(row)
    return full_box(
        b"iloc",
        bytes([offset_size << 4 | length_size, base_size << 4]),
        number(len(items), wide),
        *rows,
        version=version,
    )
