"""`manage.py check_imagekit`: test the configured ImageKit account."""

import base64
import time
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError

from images.imagekit.aliases import imagekit_storage
from images.imagekit.errors import StorageError
from images.imagekit.storage import ImageKitStorage
from images.management.direct_upload_check import check_direct_upload
from mediabackend.db.ids import uuid7

# A PNG of one transparent pixel.
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8A"
    "AAAASUVORK5CYII="
)


class Command(BaseCommand):
    help = (
        "Test the configured ImageKit account: upload, look up, list, fetch and delete "
        "a file, and upload a photo with a ticket. Prints the time of each step. Exits "
        "with 1 if a step fails."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        storage = imagekit_storage()
        name = path = f"check/{uuid7()}.png"

        def upload() -> str:
            nonlocal name
            name = storage.save(path, ContentFile(_PIXEL))
            return name

        def look_up() -> str:
            if storage.size(name) != len(_PIXEL):
                raise StorageError("The stored file has another size.")
            return f"{len(_PIXEL)} bytes"

        def fetch() -> str:
            with storage.open(name) as file:
                if file.read() != _PIXEL:
                    raise StorageError("The fetched file differs from the one sent.")
            return storage.url(name)

        def delete() -> str:
            storage.delete(name)
            return "gone" if not storage.exists(name) else "still there"

        def list_folder() -> str:
            return f"{len(storage.listdir('check')[1])} files in check/"

        try:
            self._step("upload", upload)
            self._step("look up", look_up)
            self._step("list", list_folder)
            self._step("fetch", fetch)
        except CommandError:
            self._clean_up(storage, name)
            raise
        self._step("delete", delete)
        self._step("direct", lambda: check_direct_upload(storage))
        self.stdout.write(self.style.SUCCESS("ImageKit works."))

    def _clean_up(self, storage: ImageKitStorage, name: str) -> None:
        """Delete the file if it was stored, even if the upload's answer was lost."""
        try:
            storage.delete(name)
        except StorageError as error:
            self.stderr.write(f"Could not delete {name}: {error}")

    def _step(self, label: str, action: Callable[[], str]) -> None:
        start = time.perf_counter()
        try:
            said = action()
        except StorageError as error:
            raise CommandError(f"{label} failed: {error}") from error
        elapsed = (time.perf_counter() - start) * 1000
        self.stdout.write(f"{label:<8} {elapsed:7.1f} ms  {said}")
