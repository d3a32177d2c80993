"""The options of the storage.

Name them in `OPTIONS` of Django's setting STORAGES. With their defaults:

- `private_key`, `public_key`, `url_endpoint`: from ImageKit's dashboard. `private_key`
  defaults to the environment variable IMAGEKIT_PRIVATE_KEY. `public_key` is needed for
  upload tokens only.
- `location` (""): the folder that all names are relative to.
- `private` (False): whether files are private, and their URLs signed and limited in
  time.
- `signed` (False): whether URLs of files that are not private are signed too, without
  an end, as an account needs that restricts unsigned URLs.
- `url_ttl` (3600): how many seconds the URL of a private file lasts at least; twice as
  long at most.
- `allow_overwrite` (False): whether to replace a file that has the given name already,
  instead of finding a free name.
- `timeout` (7), `connect_timeout` (3): how many seconds to wait, at each step.
- `max_retries` (1): how often a failed request is repeated.
- `max_concurrent` (12), `max_silence` (2): how many threads of a process may talk to
  ImageKit at the same time, and after how many seconds without an answer the others
  stop waiting. Keep the first well below the number of threads of the web server.
- `api_url`: the URL of the API, if it is not ImageKit's.
- `transport`: the dotted path of a callable that returns an httpx transport to use
  instead of the network.
"""

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.storage import Storage

from images.imagekit.client import ClientOptions
from images.imagekit.files import ImageKitFiles
from images.imagekit.names import clean_folder


class ConfiguredStorage(Storage):
    """A storage that reads its options; unknown names are refused."""

    def __init__(self, **options: Any) -> None:
        self._options = dict(options)
        self.public_key: str = options.pop("public_key", "")
        self.url_endpoint: str = options.pop("url_endpoint", "").rstrip("/")
        self.location = _clean_location(options.pop("location", ""))
        self.private: bool = options.pop("private", False)
        self.signed: bool = options.pop("signed", False)
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

    def is_inside(self, remote: str) -> bool:
        """Say whether a path at ImageKit is below the location."""
        return not self.location or remote.strip("/").startswith(f"{self.location}/")

    def remote_path(self, path: str) -> str:
        """Return the path at ImageKit of a path below the location."""
        return f"{self.location}/{path}".strip("/")

    def local_path(self, remote: str) -> str:
        """Return the path below the location of a path at ImageKit."""
        return remote.strip("/").removeprefix(f"{self.location}/".lstrip("/"))


def _clean_location(location: str) -> str:
    try:
        return clean_folder(location)
    except SuspiciousFileOperation as error:
        raise ImproperlyConfigured("location must not contain '..'.") from error
