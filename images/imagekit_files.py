"""Remote files by path or id: the calls that the storage is made of."""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, Any, NamedTuple, TypeVar, cast

from images.imagekit_client import (
    ClientOptions,
    Clients,
    get_clients,
    translated_errors,
)
from images.storage_errors import (
    StorageError,
    StorageFileNotFound,
    StorageRateLimited,
    StorageUnavailable,
)
from images.storage_names import split_path

T = TypeVar("T")

# What a download keeps in memory; a larger file goes to a temporary one.
_SPOOL_BYTES = 1024 * 1024
_LIST_PAGE = 1000
# ImageKit takes no more ids in one call.
BULK_LIMIT = 100
# How much of a page of `walk` is read again with the next one, see there.
_OVERLAP = 10
# How often, and how long at most, a command waits for the rate limit to end.
_PATIENCE = 5
_LONGEST_WAIT = 60.0


class RemoteFile(NamedTuple):
    """What a listing says about a file; `path` has no leading slash."""

    path: str
    file_id: str
    size: int | None
    changed_at: datetime

    @classmethod
    def of(cls, item: Any) -> "RemoteFile":
        """Read one item of an answer; raises StorageUnavailable on a garbled one."""
        changed_at = max(
            time
            for time in (
                getattr(item, "created_at", None),
                getattr(item, "updated_at", None),
                datetime.min.replace(tzinfo=UTC),
            )
            if time is not None
        )
        if changed_at.year == 1:
            raise StorageUnavailable("The answer has no time.")
        path = _field(item, "file_path").lstrip("/")
        size = getattr(item, "size", None)
        file_id = _field(item, "file_id")
        return cls(path, file_id, None if size is None else int(size), changed_at)

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class ImageKitFiles:
    """Calls on ImageKit's API; every error is one of `images.storage_errors`."""

    def __init__(self, options: ClientOptions) -> None:
        self._options = options

    @property
    def _clients(self) -> Clients:
        return get_clients(self._options)

    def upload(
        self, path: str, content: Any, mime: str, *, private: bool, overwrite: bool
    ) -> tuple[str, str]:
        """Upload, streaming; returns the path and the file id that were given."""
        folder, file_name = split_path(path)
        client = self._clients.imagekit
        if not content.seekable():
            # A second try would find the content used up and store nothing.
            client = client.with_options(max_retries=0)
        with translated_errors("upload"):
            answer = client.files.upload(
                # In a tuple the SDK streams it, and rewinds it for a retry.
                file=(file_name, cast(IO[bytes], content), mime),
                file_name=file_name,
                folder=folder,
                use_unique_file_name=False,
                overwrite_file=overwrite,
                is_private_file=private,
            )
        return _field(answer, "file_path"), _field(answer, "file_id")

    def details(self, file_id: str) -> Any:
        with translated_errors("details"):
            return self._clients.imagekit.files.get(file_id)

    def find(self, path: str) -> Any:
        """Look a file up by its path; raises StorageFileNotFound."""
        folder, file_name = split_path(path)
        with translated_errors("look-up"):
            found = self._clients.imagekit.assets.list(
                path=folder, search_query=f'name = "{file_name}"', limit=1
            )
        if not found:
            raise StorageFileNotFound("look-up: no such file.")
        return found[0]

    def list_folder(self, path: str) -> Iterator[Any]:
        """Yield the files and folders right below a folder."""
        skip = 0
        while True:
            with translated_errors("list"):
                page = self._clients.imagekit.assets.list(
                    path=f"/{path}", type="all", limit=_LIST_PAGE, skip=skip
                )
            yield from page
            if len(page) < _LIST_PAGE:
                return
            skip += _LIST_PAGE

    def delete(self, file_id: str) -> None:
        with translated_errors("delete"):
            self._clients.imagekit.files.delete(file_id)

    def delete_many(self, file_ids: Iterable[str]) -> dict[str, StorageError]:
        """Delete up to 100 files; returns what failed, by id.

        A file that is gone already is a success. When one of the ids is
        unknown the service refuses the whole batch, and when it deletes only
        some it says which: the remaining ones are then deleted one by one.
        """
        left = list(file_ids)
        if len(left) > 1:
            try:
                left = self._delete_batch(left)
            except StorageFileNotFound:
                pass
            except StorageError as error:
                return dict.fromkeys(left, error)
        return self._delete_each(left)

    def _delete_batch(self, file_ids: list[str]) -> list[str]:
        """Delete in one call; returns the ids that are still there."""
        with translated_errors("bulk delete"):
            answer = self._clients.imagekit.files.bulk.delete(file_ids=file_ids)
        gone = getattr(answer, "successfully_deleted_file_ids", None)
        if gone is None:
            raise StorageUnavailable("bulk delete: the answer names no files.")
        return [file_id for file_id in file_ids if file_id not in set(gone)]

    def _delete_each(self, file_ids: list[str]) -> dict[str, StorageError]:
        failed: dict[str, StorageError] = {}
        for position, file_id in enumerate(file_ids):
            try:
                self.delete(file_id)
            except StorageFileNotFound:
                continue
            except StorageUnavailable as error:
                # The next call would only wait as long for nothing.
                return failed | dict.fromkeys(file_ids[position:], error)
            except StorageError as error:
                failed[file_id] = error
        return failed

    def purge(self, url: str) -> None:
        with translated_errors("purge"):
            answer = self._clients.imagekit.cache.invalidation.create(url=url)
        _field(answer, "request_id")

    def download(self, url: str) -> IO[bytes]:
        """Return the bytes at a delivery URL in a temporary file, rewound."""
        spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115
        try:
            with (
                translated_errors("download"),
                self._clients.http.stream("GET", url) as response,
            ):
                if response.status_code == 404:
                    raise StorageFileNotFound("download: no such file.")
                if response.status_code != 200:
                    raise StorageUnavailable(
                        f"download: ImageKit answered {response.status_code}."
                    )
                for chunk in response.iter_bytes():
                    spool.write(chunk)
        except BaseException:
            spool.close()
            raise
        spool.seek(0)
        return cast(IO[bytes], spool)


def _field(answer: object, name: str) -> str:
    """Return a field that the answer must have: a garbled 200 is a failure."""
    value = getattr(answer, name, None)
    if not value:
        raise StorageUnavailable(f"The answer has no {name}.")
    return str(value)
