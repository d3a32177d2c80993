"""The account under test, and the files that the checks store in it."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.imagekit.client import remote_call
from images.imagekit.direct_upload import RemotePicture, fetch_picture, upload_form
from images.imagekit.errors import StorageError, StorageFileNotFound
from images.imagekit.files import ImageKitFiles
from images.imagekit.names import StoredName
from images.imagekit.storage import ImageKitStorage
from images.management.account_checks.samples import picture
from mediabackend.db.ids import uuid7

# How many seconds ImageKit may take until lists show a change.
_PATIENCE = 30


class Problem(Exception):  # noqa: N818
    """Something does not work; the text says what, and what to do."""


class Notice(Exception):  # noqa: N818
    """Something works in a way that the operator should know of."""


class Account:
    """The account, with a folder of its own for one run of the checks."""

    def __init__(self) -> None:
        self.public = imagekit_storage()
        self.private = imagekit_storage("private")
        self.options = self.public.client_options
        self.files = ImageKitFiles(self.options)
        self.folder = f"check-{uuid7()}"
        self.started_at = timezone.now()
        self._file_ids: set[str] = set()

    @cached_property
    def public_file(self) -> str:
        """The stored name of a picture that is not private."""
        return self.store(picture())

    @cached_property
    def private_file(self) -> str:
        return self.store(picture(), self.private)

    @property
    def remote_folder(self) -> str:
        """The path of the folder at ImageKit."""
        return f"/{self.public.remote_path(self.folder)}"

    def new_path(self, ending: str = ".png") -> str:
        return f"{self.folder}/{uuid7()}{ending}"

    def store(
        self,
        content: bytes,
        storage: ImageKitStorage | None = None,
        path: str = "",
    ) -> str:
        """Store a file; returns its stored name."""
        name = (storage or self.public).save(
            path or self.new_path(), ContentFile(content)
        )
        self.remember(StoredName.parse(name).file_id)
        return name

    def remember(self, file_id: str | None) -> None:
        """Delete this file at the end."""
        if file_id:
            self._file_ids.add(file_id)

    def post_with_ticket(self, path: str, content: bytes, checks: str) -> Any:
        """Upload as a client does, with a ticket; returns the HTTP answer."""
        now = timezone.now()
        form = upload_form(
            self.public,
            path,
            checks=checks,
            issued_at=now,
            expires_at=now + timedelta(minutes=5),
        )
        # The emulator's URL is a path on the server of the API.
        url = urljoin(self.options.api_url or "", settings.IMAGEKIT_UPLOAD_URL)
        with remote_call(self.options, "direct upload") as clients:
            answer = clients.http.post(url, data=form, files={"file": ("a", content)})
        if answer.status_code == 200:
            self.remember(str(answer.json().get("fileId")))
        return answer

    def store_with_ticket(self, content: bytes, ending: str) -> RemotePicture:
        """Upload as a client does; raises Problem if ImageKit refuses it."""
        checks = f'"file.size" <= {len(content)}'
        answer = self.post_with_ticket(self.new_path(ending), content, checks)
        if answer.status_code != 200:
            raise Problem(
                "ImageKit refuses a direct upload, so tickets do not work: "
                f"{answer.status_code} {answer.text:.200}"
            )
        return fetch_picture(self.public, str(answer.json().get("fileId")))

    def fetch_status(self, url: str) -> int:
        """Return the status that a browser gets for a delivery URL."""
        with remote_call(self.options, "fetch") as clients:
            answer = clients.http.get(urljoin(self.options.api_url or "", url))
        return int(answer.status_code)

    def is_stored(self, file_id: str) -> bool:
        try:
            self.files.details(file_id)
        except StorageFileNotFound:
            return False
        return True

    def wait_until(self, condition: Callable[[], bool]) -> float | None:
        """Wait until it is true; returns the seconds, or None if it never was."""
        start = time.monotonic()
        while not condition():
            if time.monotonic() - start > _PATIENCE:
                return None
            time.sleep(1)
        return time.monotonic() - start

    def clean_up(self) -> str:
        """Delete the folder with all files; returns what is left, or ""."""
        with suppress(StorageError):
            self.files.delete_many(self._file_ids)
        try:
            with remote_call(self.options, "delete folder") as clients:
                clients.imagekit.folders.delete(folder_path=self.remote_folder)
        except StorageFileNotFound:
            # No check has stored a file.
            pass
        except StorageError as error:
            return f"the folder {self.remote_folder} ({error})"
        left = [one for one in sorted(self._file_ids) if self._may_be_stored(one)]
        return f"files with the ids {', '.join(left)}" if left else ""

    def _may_be_stored(self, file_id: str) -> bool:
        try:
            return self.is_stored(file_id)
        except StorageError:
            return True
