"""Compare both sides: the files at ImageKit, and the names in the database."""

from datetime import UTC, datetime
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import NamedTuple

from django.core.management import call_command
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from imagekit_emulator.media_types import inspect
from imagekit_emulator.rendering import render
from imagekit_emulator.transformations import parse_steps
from imagekit_emulator.transport import get_app
from images.imagekit.aliases import imagekit_storage
from images.imagekit.direct_upload import PRE_TRANSFORMATION
from images.imagekit.names import StoredName
from images.models import Image, UploadTicket
from images.models.tickets import ARRIVES_WITHIN
from images.outbox.models import DeletionReceipt, PendingDeletion
from images.tests.pictures import picture_bytes

# All pictures of these tests have this height, so the width tells which one it is.
HEIGHT = 8
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Stored(NamedTuple):
    """A file at ImageKit."""

    file_id: str
    private: bool
    blob: Path

    @property
    def content(self) -> bytes:
        return self.blob.read_bytes()


def remote_files() -> dict[str, Stored]:
    """Return what ImageKit stores, by path below our folder.

    It is read from the emulator's index and not through its API, where faults
    would meet the look and the look would be counted as a request.
    """
    services = get_app().services
    with services.database.read() as connection:
        rows = connection.execute(
            "SELECT folder, name, file_id, is_private, blob FROM assets"
            " WHERE kind = 'file'"
        ).fetchall()
    root = f"/{imagekit_storage().location}/"
    return {
        f"{row['folder']}/{row['name']}".removeprefix(root): Stored(
            row["file_id"],
            bool(row["is_private"]),
            services.blobs.path(row["blob"]),
        )
        for row in rows
    }


def assert_counters_are_right() -> None:
    counted = User.objects.annotate(
        images_there=Count("images"), bytes_there=Coalesce(Sum("images__size"), 0)
    )
    wrong = [
        (user.email, held, true)
        for user in counted
        if (held := (user.item_count, user.stored_bytes))
        != (true := (user.images_there, user.bytes_there))
    ]
    assert not wrong, f"the counters differ from the rows: {wrong}"


def assert_all_is_named() -> None:
    """Check the invariant, which holds at every instant, crash or not.

    Each remote file is named by an Image or by a PendingDeletion, and the file
    that an Image names is there, unless the row says that it is missing.
    """
    remote = remote_files()
    images = list(Image.objects.all())
    rows = [image.file.name for image in images]
    rows += PendingDeletion.objects.values_list("name", flat=True)
    named = {StoredName.parse(name).path for name in rows}
    assert set(remote) <= named, f"nobody names {set(remote) - named}"
    for image in images:
        if image.missing_since is None:
            name = StoredName.parse(image.file.name)
            assert name.path in remote, f"the file of {image.pk} is gone"
            assert remote[name.path].file_id == name.file_id
            assert remote[name.path].blob.stat().st_size == image.size
    assert_counters_are_right()


def sweep_to_the_end() -> None:
    """Sweep everything, due or not, until the CDN has completed all purges."""
    for _ in range(1 + get_app().config.purge_pending_polls):
        call_command("sweep_files", grace=0, stdout=StringIO())
        if not PendingDeletion.objects.exists():
            return


def assert_sides_are_equal() -> None:
    """Check that both sides are equal, after a sweep and with no running request."""
    assert_all_is_named()
    left = list(PendingDeletion.objects.values_list("name", "reason", "last_error"))
    assert not left, f"still to be deleted: {left}"
    assert_purges_are_completed()
    assert_receipts_are_complete()
    remote = {
        (path, file.file_id, file.private) for path, file in remote_files().items()
    }
    named = {
        (*StoredName.parse(image.file.name), not image.is_shared)
        for image in Image.objects.all()
    }
    assert remote == named


def assert_purges_are_completed() -> None:
    """Check that ImageKit has completed the purge of each of these URLs."""
    emulator = get_app()
    urls = {purge["url"] for purge in emulator.purges()}
    completed = {
        purge["url"]
        for purge in emulator.purges()
        if purge["polls"] > emulator.config.purge_pending_polls
    }
    assert urls == completed, f"forgotten before they were done: {urls - completed}"


def assert_receipts_are_complete() -> None:
    half_purged = Q(purge_requested=None) ^ Q(purge_completed=None)
    open_ones = DeletionReceipt.objects.filter(Q(file_deleted=None) | half_purged)
    assert not open_ones.exists(), list(open_ones.values())


def gallery(owner_id: object) -> list[tuple[str, int]] | None:
    """Return visibility and width of the user's images; None without the user.

    Each file is compared, byte for byte, with the picture of that width.
    """
    if not User.objects.filter(pk=owner_id).exists():
        assert not Image.objects.filter(owner_id=owner_id).exists()
        return None
    remote = remote_files()
    images = list(Image.objects.filter(owner_id=owner_id))
    for image in images:
        content = remote[StoredName.parse(image.file.name).path].content
        expected = (picture_bytes(image.width, HEIGHT), sent_directly(image.width))
        assert content in expected, "not this row's picture"
    return sorted((image.visibility, image.width) for image in images)


@cache
def sent_directly(width: int) -> bytes:
    """Return the bytes that ImageKit stores for a directly uploaded picture."""
    source, target = BytesIO(picture_bytes(width, HEIGHT)), BytesIO()
    steps = parse_steps(PRE_TRANSFORMATION)
    render(source, inspect(source, ""), steps, target)
    return target.getvalue()


def let_time_pass() -> None:
    """Let all tickets expire, and the time in which their files may arrive pass."""
    PendingDeletion.objects.filter(not_before__isnull=False).update(
        not_before=LONG_AGO, due_at=LONG_AGO
    )
    # Not so long ago that they are forgotten.
    UploadTicket.objects.update(expires_at=timezone.now() - ARRIVES_WITHIN)
