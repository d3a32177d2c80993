"""Read the whole list of remote files while it changes.

ImageKit's list has no cursor, only `skip` and `limit`, so pages move when files are
added or deleted meanwhile.
https://imagekit.io/docs/api-reference/digital-asset-management-dam/list-and-search-assets
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageRateLimited,
    StorageUnavailable,
)
from images.imagekit.files import BULK_LIMIT, ImageKitFiles

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
    """A file as ImageKit lists it; `path` has no leading slash."""

    path: str
    file_id: str
    size: int | None
    changed_at: datetime

    @classmethod
    def of(cls, item: Any) -> "RemoteFile":
        """Read one item of an answer; raises StorageUnavailable if it is garbled."""
        path = getattr(item, "file_path", None)
        file_id = getattr(item, "file_id", None)
        times = (getattr(item, "created_at", None), getattr(item, "updated_at", None))
        known = [at for at in times if isinstance(at, datetime)]
        if not (path and file_id and known):
            raise StorageUnavailable("The answer lacks path, id or time of a file.")
        size = getattr(item, "size", None)
        return cls(
            str(path).lstrip("/"),
            str(file_id),
            None if size is None else int(size),
            max(known),
        )

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def walk(files: ImageKitFiles, folder: str) -> Iterator[RemoteFile]:
    """Yield the files below a folder, at any depth, ordered by name.

    Each file that exists during the whole walk is yielded once, whatever is added or
    deleted meanwhile. One page is in memory.
    """
    inside = f"{folder.strip('/')}/".lstrip("/")
    query = f'type = "file" AND path : "/{inside}"'
    skip, back, idle = 0, _OVERLAP, 0
    last, at_last = "", set[str]()
    while True:
        page = _page(files, query, skip)
        idle += 1
        if idle > _IDLE_PAGES:
            raise StorageError("The list has no end, or is never in the same order.")
        if skip and not _joins(page, last, at_last):
            # More files than the overlap were deleted before this page, so files that
            # were not read yet have moved to an earlier page.
            skip, back = max(0, skip - back), back * 2
            continue
        for file in page:
            if file.name < last or (file.name == last and file.file_id in at_last):
                continue
            idle = 0
            if file.name != last:
                last, at_last = file.name, set()
            at_last.add(file.file_id)
            # The search may also return files of `/media-other` for `/media`.
            if file.path.startswith(inside):
                yield file
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
    page = [RemoteFile.of(item) for item in items]
    for one, following in pairwise(page):
        if one.name > following.name:
            # In another order, files could be skipped and seem to be missing.
            raise StorageError(
                "The list is not ordered by name, as requested: "
                f"{one.path} comes before {following.path}."
            )
    return page


def _joins(page: list[RemoteFile], last: str, at_last: set[str]) -> bool:
    """Say whether the page begins with the last file read, or before it.

    Then no file can be between them.
    """
    if not page:
        return False
    first = page[0]
    return first.name < last or (first.name == last and first.file_id in at_last)
