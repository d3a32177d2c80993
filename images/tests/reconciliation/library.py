"""Many remote files and rows at once, without uploading them."""

import secrets
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import User
from images.imagekit.names import StoredName
from images.models import Image
from mediabackend.db.ids import uuid7

SIZE = 1234


class Placed(NamedTuple):
    """A file of the emulator's index; `path` is below the location."""

    path: str
    file_id: str
    size: int = SIZE

    @property
    def name(self) -> str:
        return str(StoredName(self.path, self.file_id))


def new_file(owner: object, key: UUID | None = None, size: int = SIZE) -> Placed:
    """Return a file with the name of an image; it is not stored yet."""
    path = f"{owner}/{key or uuid7()}-{secrets.token_hex(8)}.jpg"
    return Placed(path, secrets.token_hex(12), size)


def add_files(
    app: Any, files: Iterable[Placed], location: str = "media", age: float = 0.0
) -> None:
    """Put files into the emulator's index, uploaded `age` seconds ago."""
    at = int((time.time() - age) * 1000)
    rows = (
        (
            file.file_id,
            file.file_id,
            "/" + f"{location}/{file.path}".strip("/").rpartition("/")[0],
            file.path.rpartition("/")[2],
            file.size,
            at,
            at,
        )
        for file in files
    )
    with app.services.database.write() as connection:
        connection.executemany(
            "INSERT INTO assets (kind, file_id, version_id, folder, name, size,"
            " mime, file_type, width, height, has_alpha, created_at, updated_at)"
            " VALUES ('file', ?, ?, ?, ?, ?, 'image/jpeg', 'image', 64, 48, 0, ?, ?)",
            rows,
        )


def drop_files(app: Any, file_ids: Iterable[str]) -> None:
    """Delete files, as if somebody had deleted them in the dashboard."""
    with app.services.database.write() as connection:
        connection.executemany(
            "DELETE FROM assets WHERE file_id = ?", [(one,) for one in file_ids]
        )


def age_files(app: Any, seconds: float) -> None:
    at = int((time.time() - seconds) * 1000)
    with app.services.database.write() as connection:
        connection.execute("UPDATE assets SET created_at = ?, updated_at = ?", (at, at))


def add_images(app: Any, users: list[User], count: int) -> None:
    """Add images, rows and files, spread over the users, in bounded memory."""

    def images() -> Iterator[tuple[Image, Placed]]:
        for number in range(count):
            owner = users[number % len(users)]
            image = Image(owner=owner, size=SIZE, width=64, height=48, format="jpeg")
            file = new_file(owner.pk, image.pk)
            image.file = file.name
            yield image, file

    everything = images()
    while chunk := list(islice(everything, 1000)):
        Image.objects.bulk_create(image for image, _ in chunk)
        add_files(app, (file for _, file in chunk))
    for user in users:
        held = Image.objects.filter(owner=user).count()
        User.objects.filter(pk=user.pk).update(
            item_count=held, stored_bytes=held * SIZE
        )


def remote_ids(app: Any) -> set[str]:
    with app.services.database.read() as connection:
        found = connection.execute("SELECT file_id FROM assets WHERE kind = 'file'")
        return {row["file_id"] for row in found}
