"""A Django storage backend for ImageKit.io.

Name it as `BACKEND` in Django's setting STORAGES. `images.imagekit.configured`
describes its `OPTIONS`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone

from images.imagekit.configured import ConfiguredStorage
from images.imagekit.delivery_urls import build_url, expiry, sign_url, transformed
from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageMisplaced,
    StorageRejected,
    StorageUnavailable,
)
from images.imagekit.file_content import OpenedFile, binary_content
from images.imagekit.files import StoredFile, call_each
from images.imagekit.listing import RemoteFile, existing, patiently, walk
from images.imagekit.names import FILE_ID_ROOM, StoredName, clean_folder, clean_path


class ImageKitStorage(ConfiguredStorage):
    """Store files at ImageKit, and deliver them from its CDN.

    The methods raise StorageError. Only an answer with the status 404 means that a
    file does not exist. The name that `save` returns contains ImageKit's file id.
    """

    def delete(self, name: str) -> None:
        """Delete the file with all its versions; a missing file is no error.

        Copies in the CDN stay until they expire or are purged.
        """
        if error := self.delete_many([name]).get(name):
            raise error

    def delete_many(self, names: Iterable[str]) -> dict[str, StorageError]:
        """Delete up to 100 files in few calls; returns the failures by name."""
        ids: dict[str, str] = {}

        def look_up_id(name: str) -> None:
            ids[name] = self._file_id(name)

        failed = call_each(list(names), look_up_id)
        by_id = self._files.delete_many(set(ids.values()))
        return failed | {
            name: by_id[file_id] for name, file_id in ids.items() if file_id in by_id
        }

    def purge(self, name: str) -> str:
        """Order the purge of a file's copies in the CDN, in every transformation.

        Returns the order's id. A purge takes minutes, and ImageKit limits the number
        of orders per month.
        https://imagekit.io/docs/api-reference/caching/purge-cache
        """
        return self._files.purge(self.plain_url(name) + "*")

    def purge_completed(self, request_id: str) -> bool:
        """Say whether the purge is completed.

        Raises StorageFileNotFound if ImageKit does not know the order.
        """
        return self._files.purge_status(request_id) == "Completed"

    def exists(self, name: str) -> bool:
        """Say whether the file exists; raises StorageError if ImageKit cannot tell."""
        try:
            self._details(name)
        except StorageFileNotFound:
            return False
        return True

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return a free name that leaves room for the file id in `max_length`."""
        if max_length is not None:
            max_length -= FILE_ID_ROOM
        name = clean_path(name)
        if self.allow_overwrite and (max_length is None or len(name) <= max_length):
            return name
        return super().get_available_name(name, max_length)

    def get_created_time(self, name: str) -> datetime:
        return _time(self._detail(name, "created_at"))

    def get_modified_time(self, name: str) -> datetime:
        return _time(self._detail(name, "updated_at"))

    def get_valid_name(self, name: str) -> str:
        return clean_path(super().get_valid_name(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return the names of the folders and of the files directly in `path`."""
        folders: list[str] = []
        files: list[str] = []
        for item in self._files.list_folder(self.remote_path(clean_folder(path))):
            (folders if item.type == "folder" else files).append(item.name or "")
        return folders, files

    def size(self, name: str) -> int:
        """Return the size of the stored file in bytes."""
        return int(self._detail(name, "size"))

    def url(
        self, name: str | None, transformation: str = "", now: float | None = None
    ) -> str:
        """Return the delivery URL; `transformation` is an ImageKit `tr` value.

        That of a private file expires at `delivery_urls.expiry(url_ttl, now)`.
        """
        return self.urls(name, [transformation], now)[0]

    def urls(
        self,
        name: str | None,
        transformations: Iterable[str],
        now: float | None = None,
    ) -> list[str]:
        """Return the delivery URL in each of the transformations; see `url`."""
        urls = transformed(self.plain_url(name or ""), transformations)
        if not (self.private or self.signed):
            return urls
        endpoint, key = self.url_endpoint, self.client_options.private_key
        expires_at = expiry(self.url_ttl, now) if self.private else None
        return [sign_url(url, endpoint, key, expires_at) for url in urls]

    def plain_url(self, name: str, transformation: str = "") -> str:
        """Return the delivery URL without a signature."""
        path = self.remote_path(StoredName.parse(name).path)
        return build_url(self.url_endpoint, path, transformation)

    def open_rendition(
        self, name: str, transformation: str, mode: str = "rb"
    ) -> OpenedFile:
        """Download the picture in a transformation; raises StorageError."""
        url = self.plain_url(name, transformation)
        url = sign_url(url, self.url_endpoint, self.client_options.private_key)
        # The endpoint may be a path on the server of the API.
        url = urljoin(self.client_options.api_url or "", url)
        return OpenedFile(str(name), mode, partial(self._files.download, url))

    def walk(self, folder: str = "") -> Iterator[RemoteFile]:
        """Yield the files below `folder`, at any depth, ordered by name."""
        for file in walk(self._files, self.remote_path(clean_folder(folder))):
            yield file._replace(path=self.local_path(file.path))

    def look_up(self, name: str) -> RemoteFile:
        """Return the file as ImageKit lists it; raises StorageFileNotFound."""
        file = RemoteFile.of(patiently(lambda: self._details(name)))
        return file._replace(path=self.local_path(file.path))

    def existing(self, file_ids: Iterable[str]) -> set[str]:
        """Return the ids that ImageKit knows."""
        return existing(self._files, file_ids)

    def _open(self, name: str, mode: str = "rb") -> OpenedFile:
        """Download the bytes as they are stored."""
        return self.open_rendition(name, "orig-true", mode)

    def _save(self, name: str, content: File) -> str:
        mime = getattr(content, "content_type", None) or "application/octet-stream"
        with binary_content(content) as data:
            path, file_id = self._upload(name, data, mime)
        if not self.is_inside(path):
            # Deletions need the id only.
            raise StorageMisplaced(path, str(StoredName(name, file_id)))
        # ImageKit may have given the file another name than the requested one.
        return str(StoredName(self.local_path(path), file_id))

    def _upload(self, name: str, data: Any, mime: str) -> StoredFile:
        """Upload under this name, or under another one if it was taken meanwhile."""
        while True:
            try:
                return self._files.upload(
                    self.remote_path(name),
                    data,
                    mime,
                    private=self.private,
                    overwrite=self.allow_overwrite,
                )
            except StorageRejected:
                # No code tells that a name is taken. A pipe cannot be read again.
                if self.allow_overwrite or not data.seekable() or not self.exists(name):
                    raise
            # Longer by eight characters at most, for which FILE_ID_ROOM has room.
            name = self.get_available_name(name)

    def _details(self, name: str) -> Any:
        stored = StoredName.parse(name)
        if stored.file_id is None:
            return self._files.find(self.remote_path(stored.path))
        return self._files.details(stored.file_id)

    def _detail(self, name: str, field: str) -> Any:
        value = getattr(self._details(name), field, None)
        if value is None:
            raise StorageUnavailable(f"details: the answer has no {field}.")
        return value

    def _file_id(self, name: str) -> str:
        stored = StoredName.parse(name)
        if not stored.path:
            raise ValueError("A name must be given.")
        return stored.file_id or str(self._details(name).file_id)


def _time(value: datetime) -> datetime:
    return value if settings.USE_TZ else timezone.make_naive(value)
