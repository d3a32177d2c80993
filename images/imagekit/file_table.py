"""A table of remote files on disk, to sort them in little memory."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

# (path, file id, size, time of the last change, type, width, height)
Row = tuple[str, str, int | None, datetime, str | None, int | None, int | None]
_COLUMNS = "path, file_id, size, changed_at, mime, width, height"


class FileTable:
    """Files by id. SQLite keeps the table in a file that it deletes at the end."""

    def __init__(self) -> None:
        # An empty name stands for a temporary file, which SQLite writes only when the
        # table does not fit its cache of 2 MB. A generator may end in another thread.
        self._connection = sqlite3.connect(
            "", isolation_level=None, check_same_thread=False
        )
        self._connection.execute(
            "CREATE TABLE files (name TEXT, path TEXT, file_id TEXT PRIMARY KEY,"
            " size INTEGER, changed_at TEXT, mime TEXT, width INTEGER, height INTEGER)"
            " WITHOUT ROWID"
        )

    def close(self) -> None:
        self._connection.close()

    def add(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Add a name and a `Row` each; returns how many files are new."""
        before = self._connection.total_changes
        self._connection.execute("BEGIN")
        self._connection.executemany(
            f"INSERT OR IGNORE INTO files (name, {_COLUMNS})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((*row[:4], row[4].isoformat(), *row[5:]) for row in rows),
        )
        self._connection.execute("COMMIT")
        return self._connection.total_changes - before

    def has_any(self, file_ids: Iterable[str]) -> bool:
        """Say whether one of the files is in the table."""
        query = "SELECT 1 FROM files WHERE file_id = ?"
        return any(
            self._connection.execute(query, [one]).fetchone() for one in file_ids
        )

    def by_name(self) -> Iterator[Row]:
        """Yield the files ordered by their names' characters, then by path."""
        return self._read("ORDER BY name, path")

    def _read(self, selection: str, values: Sequence[Any] = ()) -> Iterator[Row]:
        query = f"SELECT {_COLUMNS} FROM files {selection}"  # noqa: S608
        for row in self._connection.execute(query, values):
            yield (*row[:3], datetime.fromisoformat(row[3]), *row[4:])
