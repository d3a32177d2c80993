"""A Django storage backend for ImageKit.io.

Name it as `BACKEND` in Django's setting STORAGES. Its `OPTIONS`, with their defaults:

- `private_key`, `public_key`, `url_endpoint`: from ImageKit's dashboard. `private_key`
  defaults to the environment variable IMAGEKIT_PRIVATE_KEY. `public_key` is needed for
  upload tokens only.
- `location` (""): the folder that all names are relative to.
- `private` (False): whether files are private, and their URLs signed.
- `url_ttl` (3600): how many seconds a signed URL lasts at least; twice as long at most.
- `allow_overwrite` (False): whether to replace a file that has the given name already,
  instead of finding a free name.
- `timeout` (7), `connect_timeout` (3): how many seconds to wait, at each step.
- `max_retries` (1): how often a failed request is repeated.
- `max_concurrent` (8), `max_silence` (2): how many threads of a process may talk to
  ImageKit at the same time, and after how many seconds without an answer the others
  stop waiting. Keep the first well below the number of threads of the web server.
- `api_url`: the URL of the API, if it is not ImageKit's.
- `transport`: the dotted path of a callable that returns an httpx transport to use
  instead of the network.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import File
from django.core.files.storage import Storage
from django.utils import timezone

from images.imagekit.client import ClientOptions
from images.imagekit.delivery_urls import build_url, expiry, sign_url, transformed
from images.imagekit.errors import StorageError, StorageFileNotFound, StorageUnavailable
from images.imagekit.files import ImageKitFiles
from images.imagekit.listing import RemoteFile, existing, patiently, walk
from images.imagekit.names import FILE_ID_ROOM, StoredName, clean_path


class ImageKitStorage(Storage):
    """Store files at ImageKit, and deliver them from its CDN.

    The methods raise StorageError. Only an answer with the status 404 means that a
    file does not exist. The name that `save` returns contains ImageKit's file id.
    """

    def __init__(self, **options: Any) -> None:
        self._options = dict(options)
        self.public_key: str = options.pop("public_key", "")
        self.url_endpoint: str = options.pop("url_endpoint", "").rstrip("/")
        self.location = clean_path(options.pop("location", ""))
        self.private: bool = options.pop("private", False)
        self.url_ttl: int = options.pop("url_ttl", 3600)
        self.allow_overwrite: bool = options.pop("allow_overwrite", False)
        options.setdefault("private_key", os.environ.get("IMAGEKIT_PRIVATE_KEY", ""))
        try:
            self.client_options = ClientOptions(**options)
        except TypeError as error:
            raise ImproperlyConfigured(f"ImageKitStorage: {error}") from error
        if not (self.client_options.private_key and self.url_endpoint):
            raise ImproperlyConfigured("Set private_key and url_endpoint for ImageKit.")
        if self.url_ttl < 1:
            raise ImproperlyConfigured("url_ttl must be at least one second.")
        self._files = ImageKitFiles(self.client_options)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Leave out the private key: it must not be in a migration."""
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        options = {k: v for k, v in self._options.items() if k != "private_key"}
        return path, [], options

    def delete(self, name: str) -> None:
        """Delete the file with all its versions; a missing file is no error.

        Copies in the CDN stay until they expire or are purged.
        """
        if error := self.delete_many([name]).get(name):
            raise error

    def delete_many(self, names: Iterable[str]) -> dict[str, StorageError]:
        """Delete up to 100 files in few calls; returns the failures by name."""
        failed: dict[str, StorageError] = {}
        ids: dict[str, str] = {}
        left = list(names)
        for position, name in enumerate(left):
            try:
                ids[name] = self._file_id(name)
            except StorageFileNotFound:
                continue
            except StorageUnavailable as error:
                # The next look-up would very likely fail too, after the same wait.
                failed |= dict.fromkeys(left[position:], error)
                break
            except StorageError as error:
                failed[name] = error
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
        path = self._remote_path(StoredName.parse(name).path)
        return self._files.purge(build_url(self.url_endpoint, path) + "*")

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
        for item in self._files.list_folder(self._remote_path(clean_path(path))):
            (folders if item.type == "folder" else files).append(item.name or "")
        return folders, files

    def size(self, name: str) -> int:
        """Return the size of the stored file in bytes."""
        return int(self._detail(name, "size"))

    def url(
        self, name: str | None, transformation: str = "", now: float | None = None
    ) -> str:
        """Return the delivery URL; `transformation` is an ImageKit `tr` value.

        A signed URL expires at `delivery_urls.expiry(url_ttl, now)`.
        """
        return self.urls(name, [transformation], now)[0]

    def urls(
        self,
        name: str | None,
        transformations: Iterable[str],
        now: float | None = None,
    ) -> list[str]:
        """Return the delivery URL in each of the transformations; see `url`."""
        path = self._remote_path(StoredName.parse(name or "").path)
        plain = build_url(self.url_endpoint, path)
        urls = transformed(plain, transformations)
        if not self.private:
            return urls
        endpoint, key = self.url_endpoint, self.client_options.private_key
        expires_at = expiry(self.url_ttl, now)
        return [sign_url(url, endpoint, key, expires_at) for url in urls]

    def open_rendition(self, name: str, transformation: str) -> File:
        """Download the picture in a transformation; raises StorageError."""
        path = self._remote_path(StoredName.parse(name).path)
        url = build_url(self.url_endpoint, path, transformation)
        url = sign_url(url, self.url_endpoint, self.client_options.private_key)
        # The endpoint may be a path on the server of the API.
        url = urljoin(self.client_options.api_url or "", url)
        return File(self._files.download(url), name=name)

    def walk(self, folder: str = "") -> Iterator[RemoteFile]:
        """Yield the files below `folder`, at any depth, ordered by name."""
        for file in walk(self._files, self._remote_path(clean_path(folder))):
            yield file._replace(path=self._local_path(file.path))

    def look_up(self, name: str) -> RemoteFile:
        """Return the file as ImageKit lists it; raises StorageFileNotFound."""
        file = RemoteFile.of(patiently(lambda: self._details(name)))
        return file._replace(path=self._local_path(file.path))

    def existing(self, file_ids: Iterable[str]) -> set[str]:
        """Return the ids that ImageKit knows."""
        return existing(self._files, file_ids)

    def _open(self, name: str, mode: str = "rb") -> File:
        """Download the bytes as they are stored."""
        if mode != "rb":
            raise ValueError("Files at ImageKit can only be opened with mode 'rb'.")
        return self.open_rendition(name, "orig-true")

    def _save(self, name: str, content: File) -> str:
        path, file_id = self._files.upload(
            self._remote_path(name),
            content,
            getattr(content, "content_type", None) or "application/octet-stream",
            private=self.private,
            overwrite=self.allow_overwrite,
        )
        # ImageKit may have given the file another name than the requested one.
        return str(StoredName(self._local_path(path), file_id))

    def _remote_path(self, path: str) -> str:
        return f"{self.location}/{path}".strip("/")

    def _local_path(self, remote: str) -> str:
        return remote.strip("/").removeprefix(f"{self.location}/".lstrip("/"))

    def _details(self, name: str) -> Any:
        stored = StoredName.parse(name)
        if stored.file_id is None:
            return self._files.find(self._remote_path(stored.path))
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
