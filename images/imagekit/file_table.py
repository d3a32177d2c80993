"""A table of remote files on disk, to sort them in little memory."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

# (path, file id, size, time of the last change)
Row = tuple[str, str, int | None, datetime]


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
            " size INTEGER, changed_at TEXT) WITHOUT ROWID"
        )

    def close(self) -> None:
        self._connection.close()

    def add(self, rows: Iterable[tuple[Any, ...]]) -> int:
        """Add rows of a name and a `Row`; returns how many files are new."""
        before = self._connection.total_changes
        self._connection.execute("BEGIN")
        self._connection.executemany(
            "INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?)",
            ((*start, changed_at.isoformat()) for *start, changed_at in rows),
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
        query = "SELECT path, file_id, size, changed_at FROM files ORDER BY name, path"
        for path, file_id, size, changed_at in self._connection.execute(query):
            yield path, file_id, size, datetime.fromisoformat(changed_at)
