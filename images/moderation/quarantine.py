"""Quarantine for the files of images that were taken down.

The file is moved to a private one, under a path that nobody knows; the public file
is deleted and purged from the CDN. A background task moves it after the decision, or
the sweep if the task fails.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from images.imagekit.errors import StorageError, StorageUnavailable
from images.models import Image, RemovedPicture, State
from images.models.querysets import ImageQuerySet
from images.outbox.models import PendingDeletion
from images.services.exchange import ImageChanged
from images.services.update import moving_quarantine
from mediabackend.tasks import task

# Files for one task: each is a download and an upload.
_BATCH = 20


def quarantine_soon() -> None:
    """Move the waiting files in a background task, after the transaction's commit."""
    transaction.on_commit(quarantine_in_background.enqueue, robust=True)


@task()
def quarantine_in_background() -> None:
    """Move some files; the sweep moves the rest."""
    quarantine_waiting(_BATCH)


def awaiting_quarantine() -> QuerySet[Image]:
    """Select the images that are taken down, but whose files are not moved yet."""
    return Image.objects.filter(state=State.TAKEN_DOWN, quarantined_at=None)


def quarantine_waiting(limit: int) -> tuple[int, int]:
    """Move up to `limit` files; return how many were moved, and how many failed."""
    moved = failed = 0
    # In random order: files that fail every time, for example because they are
    # missing, must not keep the others from being tried.
    for image in awaiting_quarantine().order_by("?")[:limit]:
        try:
            _quarantine(image)
        except (ImageChanged, Image.DoesNotExist):
            # Restored, moved or deleted by another process meanwhile.
            continue
        except StorageUnavailable:
            # ImageKit is down: the next file would fail too.
            failed += 1
            break
        except StorageError:
            failed += 1
        else:
            moved += 1
    return moved, failed


def delete_old_originals() -> int:
    """Delete the images whose time in quarantine is over; return how many."""
    end = timezone.now() - timedelta(days=settings.QUARANTINE_DAYS)
    old: ImageQuerySet = Image.objects.filter(
        state=State.TAKEN_DOWN, state_since__lte=end
    )
    return old.delete(reason=PendingDeletion.Reason.TAKEN_DOWN)[0]


def _quarantine(image: Image) -> None:
    """Move the file of an image that is still taken down."""
    with moving_quarantine(image=image, quarantined_at=timezone.now()) as row:
        if row.state != State.TAKEN_DOWN:
            raise ImageChanged
        # After a direct upload some were unknown: its file was not read here before.
        RemovedPicture.objects.filter(image_id=row.pk).update(
            sha256=row.sha256, perceptual_hash=row.perceptual_hash
        )
