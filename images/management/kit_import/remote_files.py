"""A table on disk of the files in kit-backend's folder."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import islice

from images.imagekit.listing import FileTable, RemoteFile

_BATCH = 1000


class Use(IntEnum):
    """The use of a file by the rows of kit-backend; a higher one wins."""

    UNUSED = 0
    IMPORTED = 1
    # A row that names it was not imported.
    NEEDED = 2


class RemoteFiles(FileTable):
    """The files and their use; their paths are below kit-backend's folder."""

    def __init__(self) -> None:
        super().__init__()
        self._connection.execute("ALTER TABLE files ADD use INTEGER DEFAULT 0")

    def fill(self, files: Iterator[RemoteFile]) -> Iterator[int]:
        """Add the files; yields the number in each batch."""
        while batch := list(islice(files, _BATCH)):
            self.add(batch)
            yield len(batch)

    def find(self, file_ids: Iterable[str]) -> dict[str, RemoteFile]:
        """Return those of the files that exist, by id."""
        wanted = list(file_ids)
        marks = ", ".join("?" * len(wanted))
        found = self._read(f"WHERE file_id IN ({marks})", wanted)
        return {file.file_id: file for file in found}

    def mark(self, file_ids: Iterable[str], use: Use) -> None:
        """Note the use of these files."""
        self._connection.executemany(
            "UPDATE files SET use = max(use, ?) WHERE file_id = ?",
            ((use.value, file_id) for file_id in file_ids),
        )

    def count(self, use: Use) -> int:
        query = "SELECT count(*) FROM files WHERE use = ?"
        return int(self._connection.execute(query, [use.value]).fetchone()[0])

    def imported(self) -> Iterator[list[RemoteFile]]:
        """Yield, in batches, the files all of whose rows were imported."""
        files = self._read("WHERE use = ?", [Use.IMPORTED.value])
        while batch := list(islice(files, _BATCH)):
            yield batch
