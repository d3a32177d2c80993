"""Refuse files that are an image and another kind of document at once."""

import re
from itertools import islice

from images.media.formats.info import InvalidImage
from images.media.formats.reader import Reader

# Readers of PDF look for the header in the first 1024 bytes (ISO 32000-1, annex H,
# implementation note 13).
PDF_HEADER = b"%PDF-"
PDF_WITHIN = 1024

# As JavaScript this is a name and a comment, which may end in a comment of the GIF.
# The price is that no GIF may be 10,799 pixels wide.
SCRIPT_HEADERS = (b"GIF87a/*", b"GIF89a/*")

# APPNOTE.TXT 4.3.16: the end of central directory record, and the most that may
# follow it, a comment of 65,535 bytes.
ZIP_END = re.compile(rb"PK\x05\x06")
ZIP_END_LENGTH = 22
ZIP_END_WITHIN = ZIP_END_LENGTH + 0xFFFF
ZIP_ENTRY = b"PK\x01\x02"
ZIP64_LOCATOR = b"PK\x06\x07"
ZIP64_LOCATOR_LENGTH = 20
# Chance brings such a signature once in 4 GiB: a file with many is made on purpose,
# and checking each of millions would take long.
MAX_ZIP_ENDS = 64


def refuse_polyglot(reader: Reader) -> None:
    """Refuse an image that is a document of another kind, too."""
    head = reader.read_at(0, PDF_WITHIN)
    is_other = PDF_HEADER in head or head.startswith(SCRIPT_HEADERS) or _is_zip(reader)
    if is_other:
        raise InvalidImage("The file is an image and another kind of document at once.")


def _is_zip(reader: Reader) -> bool:
    """Tell whether unpackers find an archive at the end of the image."""
    start = max(0, reader.size - ZIP_END_WITHIN)
    tail = b"".join(reader.pieces(start, reader.size))
    matches = islice(ZIP_END.finditer(tail), MAX_ZIP_ENDS + 1)
    ends = [start + match.start() for match in matches]
    return len(ends) > MAX_ZIP_ENDS or any(_is_zip_end(reader, end) for end in ends)


def _is_zip_end(reader: Reader, position: int) -> bool:
    """Tell whether the record at `position` leads to a central directory."""
    record = reader.read_at(position, ZIP_END_LENGTH)
    if len(record) < ZIP_END_LENGTH:
        return False
    length, offset = (int.from_bytes(record[at : at + 4], "little") for at in (12, 16))
    if not length:
        return True
    return (
        _has_at(reader, position - length, ZIP_ENTRY)
        or _has_at(reader, offset, ZIP_ENTRY)
        or _has_at(reader, position - ZIP64_LOCATOR_LENGTH, ZIP64_LOCATOR)
    )


def _has_at(reader: Reader, position: int, signature: bytes) -> bool:
    if not 0 <= position <= reader.size:
        return False
    return reader.read_at(position, len(signature)) == signature
