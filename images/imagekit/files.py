"""Remote files by path or id: the calls that the storage is made of."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple, cast

from images.imagekit.client import ClientOptions, remote_call
from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageRejected,
    StorageUnavailable,
)
from images.imagekit.names import split_path

# What a download keeps in memory; a larger file goes to a temporary one.
_SPOOL_BYTES = 1024 * 1024
_LIST_PAGE = 1000
# ImageKit takes no more ids in one call.
BULK_LIMIT = 100


class StoredFile(NamedTuple):
    """What the service calls a file that it has taken."""

    path: str
    file_id: str


class ImageKitFiles:
    """Calls on ImageKit's API; every error is one of `images.storage_errors`."""

    def __init__(self, options: ClientOptions) -> None:
        self._options = options

    def upload(self, path: str, content: Any, mime: str, **flags: bool) -> StoredFile:
        """Upload, streaming; `flags` are `private` and `overwrite`."""
        try:
            return self._upload(path, content, mime, **flags)
        except StorageFileNotFound as error:
            # A new file cannot be missing: something is wrong with the account.
            raise StorageRejected(str(error)) from error

    def _upload(
        self, path: str, content: Any, mime: str, *, private: bool, overwrite: bool
    ) -> StoredFile:
        folder, file_name = split_path(path)
        with remote_call(self._options, "upload") as clients:
            client = clients.imagekit
            if not content.seekable():
                # A second try would find the content used up and store nothing.
                client = client.with_options(max_retries=0)
            answer = client.files.upload(
                # In a tuple the SDK streams it, and rewinds it for a retry.
                file=(file_name, cast(IO[bytes], content), mime),
                file_name=file_name,
                folder=folder,
                use_unique_file_name=False,
                overwrite_file=overwrite,
                is_private_file=private,
            )
        return StoredFile(_field(answer, "file_path"), _field(answer, "file_id"))

    def details(self, file_id: str) -> Any:
        with remote_call(self._options, "details") as clients:
            return clients.imagekit.files.get(file_id)

    def find(self, path: str) -> Any:
        """Look a file up by its path; raises StorageFileNotFound."""
        folder, file_name = split_path(path)
        query = f'name = "{file_name}"'
        for file in self._list("look-up", path=folder, search_query=query, limit=2):
            # Whether the service heeds the folder beside a search is not
            # documented, and a namesake elsewhere must not be taken for the file.
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
        """Return one page of what a `searchQuery` finds, in the order of names."""
        return self._list(
            "search", search_query=query, sort="ASC_NAME", limit=limit, skip=skip
        )

    def _list(self, operation: str, **parameters: Any) -> list[Any]:
        """Ask for a page; a garbled answer must not look like an empty one."""
        with remote_call(self._options, operation) as clients:
            page: Any = clients.imagekit.assets.list(**parameters)
        if not isinstance(page, list):
            raise StorageUnavailable(f"{operation}: the answer is no list.")
        return page

    def delete(self, file_id: str) -> None:
        with remote_call(self._options, "delete") as clients:
            answer = clients.imagekit.files.with_raw_response.delete(file_id)
        if answer.status_code != 204:
            # Some proxy's answer: nothing says that the file is gone.
            raise StorageUnavailable(f"delete: unexpected {answer.status_code}.")

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
        with remote_call(self._options, "bulk delete") as clients:
            answer = clients.imagekit.files.bulk.delete(file_ids=file_ids)
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

    def purge(self, url: str) -> str:
        with remote_call(self._options, "purge") as clients:
            # Orders are counted: a repetition is for the caller to decide.
            client = clients.imagekit.with_options(max_retries=0)
            answer = client.cache.invalidation.create(url=url)
        return _field(answer, "request_id")

    def purge_status(self, request_id: str) -> str:
        """Return "Pending" or "Completed"; StorageFileNotFound: there is no such."""
        from imagekitio import BadRequestError

        with remote_call(self._options, "purge status") as clients:
            try:
                answer = clients.imagekit.cache.invalidation.get(request_id)
            except BadRequestError as error:
                # What the service says to an unknown id, by its specification.
                raise StorageFileNotFound("purge status: no such order.") from error
        status = _field(answer, "status")
        if status not in ("Pending", "Completed"):
            raise StorageUnavailable(f"purge status: unexpected {status[:40]!r}.")
        return status

    def download(self, url: str) -> IO[bytes]:
        """Return the bytes at a delivery URL in a temporary file, rewound."""
        spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115
        try:
            with (
                remote_call(self._options, "download") as clients,
                clients.http.stream("GET", url) as response,
            ):
                if response.status_code == 404:
                    raise StorageFileNotFound("download: no such file.")
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


def _field(answer: object, name: str) -> str:
    """Return a field that the answer must have: a garbled 200 is a failure."""
    value = getattr(answer, name, None)
    if not value:
        raise StorageUnavailable(f"The answer has no {name}.")
    return str(value)
