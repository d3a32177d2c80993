"""Overwrite metadata in place, and tell whether there were any."""

from images.media.formats.reader import CHUNK_SIZE, Reader
from images.media.stripping.kinds import Kind
from images.media.stripping.plan import Plan


def erase(
    reader: Reader,
    plan: Plan,
    start: int,
    end: int,
    kind: Kind | None,
    literal: bytes = b"",
    fill: bytes = b"\0",
) -> None:
    """Overwrite a range with a literal and a fill byte.

    Notes the removal of `kind`, unless the range has this content already.
    """
    if _is_there(reader, start, end, literal, fill):
        return
    plan.overwrite(start, end, literal, fill)
    if kind:
        plan.removed.add(kind)


def _is_there(
    reader: Reader, start: int, end: int, literal: bytes, fill: bytes
) -> bool:
    if reader.read_at(start, len(literal)) != literal:
        return False
    position = start + len(literal)
    while position < end:
        data = reader.read_at(position, min(CHUNK_SIZE, end - position))
        if data.strip(fill):
            return False
        position += len(data)
    return True
