"""The orientation in EXIF metadata (TIFF 6.0, section 2; EXIF 2.32, 4.6.4)."""

import struct

from images.media.formats.reader import CHUNK_SIZE, Reader

PREFIX = b"Exif\0\0"

ORIENTATION_TAG = 0x0112
# TIFF 6.0, section 2: the codes of whole numbers in `struct`, by their types. EXIF
# has SHORT here, but some programs write others.
NUMBERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}
BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}


def read_orientation(reader: Reader, start: int, end: int) -> int:
    """Return the orientation in the EXIF data between two positions.

    Reads the first chunk only: writers put the first directory, which holds the
    orientation, at the beginning.
    """
    return parse_orientation(reader.read_at(start, min(end - start, CHUNK_SIZE)))


def parse_orientation(data: bytes) -> int:
    """Return 1 to 8; 1, which means upright, for anything malformed.

    JPEG puts a prefix before the TIFF structure. PNG and WebP do not, but files
    that carry it there are common.
    """
    data = data.removeprefix(PREFIX)
    order = BYTE_ORDERS.get(data[:4])
    if order is None:
        return 1
    try:
        return _orientation_in_first_directory(data, order)
    except struct.error:
        return 1


def _orientation_in_first_directory(data: bytes, order: str) -> int:
    (directory,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, directory)
    entry = struct.Struct(order + "HHI4s")
    for index in range(entries):
        tag, kind, count, value = entry.unpack_from(
            data, directory + 2 + index * entry.size
        )
        if tag == ORIENTATION_TAG:
            if kind not in NUMBERS or count != 1:
                return 1
            (number,) = struct.unpack_from(order + NUMBERS[kind], value)
            return number if 1 <= number <= 8 else 1
    return 1
