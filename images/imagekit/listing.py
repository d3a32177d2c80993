"""Read the whole list of remote files while it changes.

ImageKit's list has no cursor, only `skip` and `limit`, so pages move when files are
added or deleted meanwhile.
https://imagekit.io/docs/api-reference/digital-asset-management-dam/list-and-search-assets
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageRateLimited,
    StorageUnavailable,
)
from images.imagekit.files import BULK_LIMIT, ImageKitFiles
from images.imagekit.names import StoredName

_T = TypeVar("_T")

# ImageKit's maximum.
_PAGE = 1000
# The number of files that are read again with the next page. As many files may be
# deleted meanwhile before a step back is needed.
_OVERLAP = 10
# After this many pages in a row without a new file, the list has no end: half as many
# lead back from anywhere.
_IDLE_PAGES = 100
# How often to wait for the end of a rate limit, and for how many seconds at most.
_PATIENCE = 5
_LONGEST_WAIT = 60.0


class RemoteFile(NamedTuple):
    """A file as ImageKit lists it; `path` has no leading slash.

    `width` and `height` are those of the stored pixels, before a turn by EXIF.
    """

    path: str
    file_id: str
    size: int | None
    changed_at: datetime
    mime: str | None = None
    width: int | None = None
    height: int | None = None

    @classmethod
    def of(cls, item: Any) -> "RemoteFile":
        """Read one item of an answer; raises StorageUnavailable if it is garbled."""
        path = getattr(item, "file_path", None)
        file_id = getattr(item, "file_id", None)
        times = (getattr(item, "created_at", None), getattr(item, "updated_at", None))
        known = [at for at in times if isinstance(at, datetime)]
        if not (path and file_id and known):
            raise StorageUnavailable("The answer lacks path, id or time of a file.")
        return cls(
            str(path).lstrip("/"),
            str(file_id),
            _number(item, "size"),
            max(known),
            getattr(item, "mime", None),
            _number(item, "width"),
            _number(item, "height"),
        )

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def stored_name(self) -> str:
        return str(StoredName(self.path, self.file_id))


def _number(item: Any, field: str) -> int | None:
    value = getattr(item, field, None)
    return None if value is None else int(value)


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

    def add(self, files: Iterable[RemoteFile]) -> int:
        """Add files; returns how many of them are new."""
        before = self._connection.total_changes
        self._connection.execute("BEGIN")
        self._connection.executemany(
            f"INSERT OR IGNORE INTO files (name, {_COLUMNS})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((f.name, *f[:3], f.changed_at.isoformat(), *f[4:]) for f in files),
        )
        self._connection.execute("COMMIT")
        return self._connection.total_changes - before

    def has_any(self, file_ids: Iterable[str]) -> bool:
        """Say whether one of the files is in the table."""
        query = "SELECT 1 FROM files WHERE file_id = ?"
        return any(
            self._connection.execute(query, [one]).fetchone() for one in file_ids
        )

    def by_name(self) -> Iterator[RemoteFile]:
        """Yield the files ordered by their names' characters, then by path."""
        return self._read("ORDER BY name, path")

    def _read(self, selection: str, values: Sequence[Any] = ()) -> Iterator[RemoteFile]:
        query = f"SELECT {_COLUMNS} FROM files {selection}"  # noqa: S608
        for row in self._connection.execute(query, values):
            changed_at = datetime.fromisoformat(row[3])
            yield RemoteFile._make([*row[:3], changed_at, *row[4:]])


def walk(files: ImageKitFiles, folder: str) -> Iterator[RemoteFile]:
    """Yield the files below a folder, at any depth, ordered by name.

    Each file that exists during the whole walk is yielded once, whatever is added or
    deleted meanwhile, and whatever order of names ImageKit uses, as long as it is
    always the same. The list is kept on disk and sorted there, with one page in memory.
    """
    inside = f"{folder.strip('/')}/".lstrip("/")
    with closing(FileTable()) as table:
        _read_all(files, f'type = "file" AND path : "/{inside}"', table)
        for file in table.by_name():
            # The search may also return files of `/media-other` for `/media`.
            if file.path.startswith(inside):
                yield file


def _read_all(files: ImageKitFiles, query: str, table: FileTable) -> None:
    skip, back, idle = 0, _OVERLAP, 0
    while True:
        page = _page(files, query, skip)
        idle += 1
        if idle > _IDLE_PAGES:
            raise StorageError("The list has no end, or is never in the same order.")
        # All files before one that was read have been read. So nothing can be between
        # this page and the pages before it, if the page has such a file.
        if skip and not table.has_any(file.file_id for file in page):
            # More files than the overlap were deleted before this page, so files that
            # were not read yet have moved to an earlier page.
            skip, back = max(0, skip - back), back * 2
            continue
        if table.add(page):
            idle = 0
        if len(page) < _PAGE:
            return
        skip, back = skip + _PAGE - _OVERLAP, _OVERLAP


def existing(files: ImageKitFiles, file_ids: Iterable[str]) -> set[str]:
    """Return the ids that ImageKit knows, asking for 100 per call."""
    wanted = sorted(set(file_ids))
    found: set[str] = set()
    for start in range(0, len(wanted), BULK_LIMIT):
        ids = ", ".join(f'"{one}"' for one in wanted[start : start + BULK_LIMIT])
        found |= {file.file_id for file in _page(files, f"id IN [{ids}]", 0)}
    return found


def is_certain(error: StorageFileNotFound) -> bool:
    """Say whether the 404 is from ImageKit, and not a page of some proxy."""
    if error.__cause__ is None:
        return True
    body = getattr(error.__cause__, "body", None)
    return isinstance(body, dict) and "message" in body


def patiently(call: Callable[[], _T]) -> _T:
    """Do `call`, and repeat it after each rate limit."""
    for _ in range(_PATIENCE):
        try:
            return call()
        except StorageRateLimited as error:
            time.sleep(min(error.retry_after, _LONGEST_WAIT))
    return call()


def _page(files: ImageKitFiles, query: str, skip: int) -> list[RemoteFile]:
    items = patiently(lambda: files.search(query, limit=_PAGE, skip=skip))
    return [RemoteFile.of(item) for item in items]
