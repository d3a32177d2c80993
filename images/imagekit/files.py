"""Calls of ImageKit's API on remote files, by path or id."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any, NamedTuple, cast

from images.imagekit.client import ClientOptions, remote_call
from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageRejected,
    StorageUnavailable,
    StorageUntransformable,
)
from images.imagekit.file_content import SPOOL_BYTES
from images.imagekit.names import split_path

_LIST_PAGE = 1000
# ImageKit takes no more ids in one call.
BULK_LIMIT = 100
# By other pages of its documentation, it takes only so many.
_SMALL_BATCH = 50


class StoredFile(NamedTuple):
    """The path and the id that ImageKit gave to a file."""

    path: str
    file_id: str


class ImageKitFiles:
    """Call ImageKit's API; every error is a StorageError."""

    def __init__(self, options: ClientOptions) -> None:
        self._options = options

    def upload(
        self, path: str, content: Any, mime: str, *, private: bool, overwrite: bool
    ) -> StoredFile:
        """Upload as a stream."""
        folder, file_name = split_path(path)
        try:
            with remote_call(self._options, "upload") as clients:
                client = clients.imagekit
                if not content.seekable():
                    # A retry would send nothing, as the content has been read.
                    client = client.with_options(max_retries=0)
                answer = client.files.upload(
                    # The SDK streams a tuple's file, and rewinds it for a retry.
                    file=(file_name, cast(IO[bytes], content), mime),
                    file_name=file_name,
                    folder=folder,
                    use_unique_file_name=False,
                    overwrite_file=overwrite,
                    is_private_file=private,
                )
        except StorageFileNotFound as error:
            # An upload needs no existing file: something is wrong with the account.
            raise StorageRejected(str(error)) from error
        return StoredFile(_field(answer, "file_path"), _field(answer, "file_id"))

    def details(self, file_id: str) -> Any:
        with remote_call(self._options, "details") as clients:
            return clients.imagekit.files.get(file_id)

    def find(self, path: str) -> Any:
        """Find a file by its path; raises StorageFileNotFound."""
        folder, file_name = split_path(path)
        query = f'name = "{file_name}"'
        for file in self._list("look-up", path=folder, search_query=query, limit=2):
            # It is not documented whether a search is limited to the folder, so a file
            # of this name in another folder is possible.
            if getattr(file, "file_path", "") == f"{folder.rstrip('/')}/{file_name}":
                return file
        raise StorageFileNotFound("look-up: no such file.")

    def list_folder(self, path: str) -> Iterator[Any]:
        """Yield the files and folders right below a folder."""
        skip = 0
        while True:
            page = self._list(
                "list", path=f"/{path}", type="all", limit=_LIST_PAGE, skip=skip
            )
            yield from page
            if len(page) < _LIST_PAGE:
                return
            skip += _LIST_PAGE

    def search(self, query: str, *, limit: int, skip: int = 0) -> list[Any]:
        """Return one page of the results of a `searchQuery`, ordered by name."""
        return self._list(
            "search", search_query=query, sort="ASC_NAME", limit=limit, skip=skip
        )

    def _list(self, operation: str, **parameters: Any) -> list[Any]:
        """Return one page; a garbled answer is an error, not an empty page."""
        with remote_call(self._options, operation) as clients:
            page: Any = clients.imagekit.assets.list(**parameters)
        if not isinstance(page, list):
            raise StorageUnavailable(f"{operation}: the answer is not a list.")
        return page

    def delete(self, file_id: str) -> None:
        with remote_call(self._options, "delete") as clients:
            answer = clients.imagekit.files.with_raw_response.delete(file_id)
        if answer.status_code != 204:
            # Perhaps a proxy's answer: the file may still be there.
            raise StorageUnavailable(f"delete: unexpected {answer.status_code}.")

    def delete_many(self, file_ids: Iterable[str]) -> dict[str, StorageError]:
        """Delete up to 100 files; returns the failures by id.

        A file that does not exist counts as deleted. ImageKit refuses the whole batch
        if it does not know one of the ids, or may delete only some of the files: the
        others are then deleted one by one.
        """
        left = list(file_ids)
        if len(left) > 1:
            try:
                left = self._delete_batch(left)
            except StorageFileNotFound:
                pass
            except StorageError as error:
                if len(left) > _SMALL_BATCH and _is_bad_request(error):
                    first, rest = left[:_SMALL_BATCH], left[_SMALL_BATCH:]
                    return self.delete_many(first) | self.delete_many(rest)
                return dict.fromkeys(left, error)
        return call_each(left, self.delete)

    def _delete_batch(self, file_ids: list[str]) -> list[str]:
        """Delete in one call; returns the ids that were not deleted."""
        with remote_call(self._options, "bulk delete") as clients:
            answer = clients.imagekit.files.bulk.delete(file_ids=file_ids)
        gone = getattr(answer, "successfully_deleted_file_ids", None)
        if gone is None:
            raise StorageUnavailable("bulk delete: the answer names no files.")
        return [file_id for file_id in file_ids if file_id not in set(gone)]

    def purge(self, url: str) -> str:
        with remote_call(self._options, "purge") as clients:
            # No retry by the SDK: the number of orders is limited.
            client = clients.imagekit.with_options(max_retries=0)
            answer = client.cache.invalidation.create(url=url)
        return _field(answer, "request_id")

    def purge_status(self, request_id: str) -> str:
        """Return "Pending" or "Completed".

        Raises StorageFileNotFound if ImageKit does not know the order.
        """
        from imagekitio import BadRequestError

        with remote_call(self._options, "purge status") as clients:
            try:
                answer = clients.imagekit.cache.invalidation.get(request_id)
            except BadRequestError as error:
                # By ImageKit's specification, the answer to an unknown id.
                raise StorageFileNotFound("purge status: no such order.") from error
        status = _field(answer, "status")
        if status not in ("Pending", "Completed"):
            raise StorageUnavailable(f"purge status: unexpected {status[:40]!r}.")
        return status

    def download(self, url: str) -> IO[bytes]:
        """Return the bytes at a delivery URL as a temporary file, at its start."""
        spool = tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115
        try:
            with (
                remote_call(self._options, "download") as clients,
                clients.http.stream("GET", url) as response,
            ):
                if response.status_code == 404:
                    raise StorageFileNotFound("download: no such file.")
                if response.status_code == 400:
                    raise StorageUntransformable("download: ImageKit answered 400.")
                if response.status_code in (401, 403):
                    raise StorageRejected("download: ImageKit refuses it.")
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


def call_each(
    files: list[str], call: Callable[[str], object]
) -> dict[str, StorageError]:
    """Call `call` for each file that exists; returns the failures by file."""
    failed: dict[str, StorageError] = {}
    for position, file in enumerate(files):
        try:
            call(file)
        except StorageFileNotFound:
            continue
        except StorageUnavailable as error:
            # The next call would very likely fail too, after the same wait.
            return failed | dict.fromkeys(files[position:], error)
        except StorageError as error:
            failed[file] = error
    return failed


def _is_bad_request(error: StorageError) -> bool:
    return getattr(error.__cause__, "status_code", None) == 400


def _field(answer: object, name: str) -> str:
    """Return a field of an answer; raises StorageUnavailable if it is missing."""
    value = getattr(answer, name, None)
    if not value:
        raise StorageUnavailable(f"The answer has no {name}.")
    return str(value)
