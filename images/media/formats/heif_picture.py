"""The primary picture of HEIC and AVIF files, and the sizes that it declares."""

from collections.abc import Iterator
from functools import partial

from images.media.formats import av1, exif
from images.media.formats.boxes import Fields, damaged
from images.media.formats.info import InvalidImage, Limits
from images.media.formats.items import CODED, Item, Meta
from images.media.formats.reader import Reader
from images.media.formats.tracks import Track

FORMATS = {**dict.fromkeys(CODED, "heic"), b"av01": "avif"}

EXIF_HEADER_LENGTH = 4
LONGEST_EXIF = 32 * 1024


class HeifPicture:
    """The primary picture, or the sequence in a file without one."""

    def __init__(
        self,
        reader: Reader,
        limits: Limits,
        meta: Meta | None,
        tracks: list[Track],
    ) -> None:
        self._reader = reader
        self._limits = limits
        self._sizes: dict[int, tuple[int, int]] = {}
        self.orientation = 1
        self.decoded_pixels = 0
        if meta:
            self._meta = meta
            codec, self.size = self._read_primary()
        elif tracks:
            codec, self.size = tracks[0].codec, (tracks[0].width, tracks[0].height)
        else:
            raise damaged("it has no picture")
        if codec not in FORMATS:
            raise InvalidImage("The HEIC or AVIF file has a picture of another format.")
        self.format = FORMATS[codec]
        if self.format == "avif" and meta and not tracks:
            self.decoded_pixels = self._count_decoded_pixels()

    def _read_primary(self) -> tuple[bytes, tuple[int, int]]:
        """Return the codec of the primary picture, and its size as displayed."""
        primary = self._meta.items.get(self._meta.primary)
        if primary is None:
            raise damaged("it has no primary picture")
        codec = self._check_picture(primary)
        is_turned, size = self._displayed(primary)
        self._limits.check_size(*size)
        # AVIF viewers ignore EXIF. Some phones turn HEIC photos by EXIF alone.
        if codec != b"av01" and not is_turned:
            self.orientation = self._exif_orientation()
        return codec, size

    def _check_picture(self, item: Item) -> bytes:
        """Check how many pixels an item has before it is cropped; returns its codec."""
        self._limits.check_size(*self._coded(item))
        if item.kind != b"grid":
            if not item.ranges:
                raise damaged("it has no pixel data")
            return item.kind
        columns, rows, size = self._read_grid(item)
        if size != self._coded(item):
            raise damaged("a grid has two sizes")
        numbers = self._meta.references.get((b"dimg", item.number), ())
        tiles = [self._meta.items.get(number) for number in numbers]
        first = tiles[0] if tiles else None
        if first is None or len(tiles) != columns * rows:
            raise damaged("tiles of a grid are missing")
        width, height = self._coded(first)
        self._limits.check_size(columns * width, rows * height)
        if columns * width < size[0] or rows * height < size[1]:
            raise damaged("tiles of a grid are too small")
        for tile in tiles:
            if tile is None or tile.kind != first.kind or not tile.ranges:
                raise damaged("tiles of a grid are missing")
            if self._coded(tile) != (width, height):
                raise damaged("tiles of a grid have several sizes")
        return first.kind

    def _read_grid(self, item: Item) -> tuple[int, int, tuple[int, int]]:
        """Return the columns, the rows and the size of a grid (23008-12, 6.6.2.3)."""
        data = self._meta.read(item, 12)
        size = 4 if data[1:2] and data[1] & 1 else 2
        if len(data) < 4 + 2 * size:
            raise damaged("a grid is incomplete")
        width, height = data[4 : 4 + size], data[4 + size : 4 + 2 * size]
        numbers = int.from_bytes(width, "big"), int.from_bytes(height, "big")
        return data[3] + 1, data[2] + 1, numbers

    def _properties(self, item: Item) -> Iterator[tuple[bytes, Fields]]:
        """Yield the properties of an item, in the order of their application."""
        for number in item.properties:
            if number > len(self._meta.properties):
                raise damaged("a property is missing")
            box = self._meta.properties[number - 1]
            yield box.kind, Fields(self._reader, box.body, box.end)

    def _coded(self, item: Item) -> tuple[int, int]:
        """Return the size of an item before it is cropped or turned."""
        if item.number not in self._sizes:
            self._sizes[item.number] = self._read_size(item)
        return self._sizes[item.number]

    def _read_size(self, item: Item) -> tuple[int, int]:
        for kind, fields in self._properties(item):
            if kind == b"ispe":
                # Behind the version and the flags.
                fields.take(4)
                return fields.number(4), fields.number(4)
        raise damaged("a picture has no size")

    def _displayed(self, item: Item) -> tuple[bool, tuple[int, int]]:
        """Return whether a property turns the item, and its size as displayed."""
        is_turned = False
        width, height = self._coded(item)
        for kind, fields in self._properties(item):
            if kind == b"clap":
                width, height = _cropped(fields, (width, height))
            elif kind == b"irot":
                is_turned = True
                if fields.number(1) & 1:
                    width, height = height, width
            elif kind == b"imir":
                is_turned = True
        return is_turned, (width, height)

    def _exif_orientation(self) -> int:
        """Return the orientation in the EXIF data of the primary picture."""
        item = primary_exif(self._meta)
        if item is None:
            return 1
        data = self._meta.read(item, LONGEST_EXIF)
        return exif.parse_orientation(data[tiff_offset(data) :])

    def _count_decoded_pixels(self) -> int:
        """Return a number of pixels that no decoder of AV1 exceeds.

        The bitstreams have sizes of their own, which need not be those of the items.
        """
        pixels = 0
        for item in self._meta.items.values():
            if item.kind == b"av01" and item.ranges:
                size = av1.coded_size(partial(self._meta.read, item))
                if size is None:
                    raise damaged("a picture has no sequence header")
                self._limits.check_size(*size)
                pixels += size[0] * size[1]
        return pixels


def primary_exif(meta: Meta) -> Item | None:
    """Return the item of the EXIF data that describe the primary picture."""
    unassigned = None
    for item in meta.items.values():
        if item.kind == b"Exif":
            described = meta.references.get((b"cdsc", item.number))
            if described and meta.primary in described:
                return item
            if not described:
                unassigned = unassigned or item
    return unassigned


def tiff_offset(data: bytes) -> int:
    """Return where TIFF begins in the data of an EXIF item (23008-12, annex A)."""
    return EXIF_HEADER_LENGTH + int.from_bytes(data[:EXIF_HEADER_LENGTH], "big")


def _cropped(fields: Fields, size: tuple[int, int]) -> tuple[int, int]:
    """Return the size that `clap` leaves (14496-12, 12.1.4)."""
    width, width_scale = fields.number(4), fields.number(4)
    height, height_scale = fields.number(4), fields.number(4)
    if not width_scale or not height_scale:
        raise damaged("a picture is cropped to nothing")
    cropped = width // width_scale, height // height_scale
    if not (0 < cropped[0] <= size[0] and 0 < cropped[1] <= size[1]):
        raise damaged("a picture is cropped to nothing")
    return cropped
