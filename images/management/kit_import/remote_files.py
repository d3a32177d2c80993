"""A table on disk of the files in kit-backend's folder."""

import sqlite3
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import islice
from typing import NamedTuple

from images.imagekit.listing import RemoteFile
from images.imagekit.names import StoredName

_BATCH = 1000


class Use(IntEnum):
    """The use of a file by the rows of kit-backend; a higher one wins."""

    UNUSED = 0
    IMPORTED = 1
    # A row that names it was not imported.
    NEEDED = 2


class KitFile(NamedTuple):
    """A file as ImageKit lists it; `path` is below kit-backend's folder."""

    file_id: str
    path: str
    size: int | None
    mime: str | None
    width: int | None
    height: int | None

    @classmethod
    def of(cls, file: RemoteFile) -> "KitFile":
        facts = (file.size, file.mime, file.width, file.height)
        return cls(file.file_id, file.path, *facts)

    @property
    def stored_name(self) -> str:
        return str(StoredName(self.path, self.file_id))

    @property
    def has_usable_name(self) -> bool:
        """Whether the stored name leads back to the path and the id."""
        return StoredName.parse(self.stored_name) == (self.path, self.file_id)


class RemoteFiles:
    """The files by id. SQLite keeps the table in a file that it deletes at the end."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.execute(
            "CREATE TABLE files (file_id TEXT PRIMARY KEY, path TEXT, size INTEGER,"
            " mime TEXT, width INTEGER, height INTEGER, use INTEGER DEFAULT 0)"
            " WITHOUT ROWID"
        )

    def close(self) -> None:
        self._connection.close()

    def fill(self, files: Iterable[RemoteFile]) -> Iterator[int]:
        """Add the files; yields the number in each batch."""
        rows = map(KitFile.of, files)
        while batch := list(islice(rows, _BATCH)):
            self._write("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, 0)", batch)
            yield len(batch)

    def find(self, file_ids: Iterable[str]) -> dict[str, KitFile]:
        """Return those of the files that exist, by id."""
        wanted = list(file_ids)
        marks = ", ".join("?" * len(wanted))
        query = (
            "SELECT file_id, path, size, mime, width, height FROM files"  # noqa: S608
            f" WHERE file_id IN ({marks})"
        )
        return {
            row[0]: KitFile(*row) for row in self._connection.execute(query, wanted)
        }

    def mark(self, file_ids: Iterable[str], use: Use) -> None:
        """Note the use of these files."""
        self._write(
            "UPDATE files SET use = max(use, ?) WHERE file_id = ?",
            ((use.value, file_id) for file_id in file_ids),
        )

    def count(self, use: Use) -> int:
        query = "SELECT count(*) FROM files WHERE use = ?"
        return int(self._connection.execute(query, [use.value]).fetchone()[0])

    def imported(self) -> Iterator[list[KitFile]]:
        """Yield, in batches, the files all of whose rows were imported."""
        query = (
            "SELECT file_id, path, size, mime, width, height FROM files WHERE use = ?"
        )
        rows = self._connection.execute(query, [Use.IMPORTED.value])
        while batch := rows.fetchmany(_BATCH):
            yield [KitFile(*row) for row in batch]

    def _write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        self._connection.execute("BEGIN")
        self._connection.executemany(statement, rows)
        self._connection.execute("COMMIT")
