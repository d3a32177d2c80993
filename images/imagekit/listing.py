"""Reading the list of remote files whole, while it changes.

ImageKit's list has no cursor, only `skip` and `limit`, so what is added or
deleted meanwhile moves the pages.
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
# How much of a page is read again with the next one: as many files may vanish
# meanwhile before a step back is needed.
_OVERLAP = 10
# So many pages in a row without a new file mean that there is no end to them:
# half as many lead back from anywhere.
_IDLE_PAGES = 100
# How often, and how many seconds at most, to wait for a rate limit to end.
_PATIENCE = 5
_LONGEST_WAIT = 60.0


class RemoteFile(NamedTuple):
    """What ImageKit says about a file; `path` has no slash in front."""

    path: str
    file_id: str
    size: int | None
    changed_at: datetime

    @classmethod
    def of(cls, item: Any) -> "RemoteFile":
        """Read one item of an answer; raises StorageUnavailable on a garbled one."""
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
    """Yield the files below a folder, at any depth, in the order of their names.

    Each file that is there all the time is yielded, and none twice, whatever is
    added or deleted meanwhile. In memory is one page.
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
            # More than the overlap has vanished before this page, and so what
            # we have not seen yet has moved to where we do not look.
            skip, back = max(0, skip - back), back * 2
            continue
        for file in page:
            if file.name < last or (file.name == last and file.file_id in at_last):
                continue
            idle = 0
            if file.name != last:
                last, at_last = file.name, set()
            at_last.add(file.file_id)
            # The service's idea of a prefix may be wider than ours: the files
            # of `/media-other` are none of those of `/media`.
            if file.path.startswith(inside):
                yield file
        if len(page) < _PAGE:
            return
        skip, back = skip + _PAGE - _OVERLAP, _OVERLAP


def existing(files: ImageKitFiles, file_ids: Iterable[str]) -> set[str]:
    """Return those of the ids that the service knows, in calls of 100."""
    wanted = sorted(set(file_ids))
    found: set[str] = set()
    for start in range(0, len(wanted), BULK_LIMIT):
        ids = ", ".join(f'"{one}"' for one in wanted[start : start + BULK_LIMIT])
        found |= {file.file_id for file in _page(files, f"id IN [{ids}]", 0)}
    return found


def is_certain(error: StorageFileNotFound) -> bool:
    """Say whether it was ImageKit that does not know the file.

    A proxy on the way may have its own pages with the status 404.
    """
    if error.__cause__ is None:
        return True
    body = getattr(error.__cause__, "body", None)
    return isinstance(body, dict) and "message" in body


def patiently(call: Callable[[], _T]) -> _T:
    """Do `call`, and do it again when a rate limit has ended."""
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
            # Whoever goes on would take files for missing that are not.
            raise StorageError(
                "The list is not in the order of names that was asked for: "
                f"{one.path} comes before {following.path}."
            )
    return page


def _joins(page: list[RemoteFile], last: str, at_last: set[str]) -> bool:
    """Say whether nothing can be between what was seen and this page.

    It is so if the page begins with, or before, the last file seen.
    """
    if not page:
        return False
    first = page[0]
    return first.name < last or (first.name == last and first.file_id in at_last)
