"""The files of images that were taken down: out of reach, and not yet gone.

A file in quarantine is private, under a path that nobody knows, and the public one
is deleted and purged. What a decision has begun is finished by a background task,
or by the sweep if that fails.
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
from images.services.move import moving_quarantine
from mediabackend.tasks import task

# Files a round: each is a download and an upload.
_BATCH = 20


def quarantine_soon() -> None:
    """Move what waits once the transaction is committed, as a background task."""
    transaction.on_commit(quarantine_in_background.enqueue, robust=True)


@task()
def quarantine_in_background() -> None:
    """Do one round; the sweep does what is left."""
    quarantine_waiting(_BATCH)


def waiting() -> QuerySet[Image]:
    """Select the images that are taken down, and whose files are where they were."""
    return Image.objects.filter(state=State.TAKEN_DOWN, quarantined_at=None)


def quarantine_waiting(limit: int) -> tuple[int, int]:
    """Move up to `limit` files; returns how many were moved, and how many not."""
    moved = failed = 0
    # In any order: what fails each time, a file that is gone say, must not keep the
    # others from ever being tried.
    for image in waiting().order_by("?")[:limit]:
        try:
            _quarantine(image)
        except (ImageChanged, Image.DoesNotExist):
            # Restored, moved or deleted by another process meanwhile.
            continue
        except StorageUnavailable:
            # The next call would only wait as long for nothing.
            failed += 1
            break
        except StorageError:
            failed += 1
        else:
            moved += 1
    return moved, failed


def delete_old_originals() -> int:
    """Delete the images whose time in quarantine is over; returns how many."""
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
        # Of a direct upload they are not all known before its bytes pass here.
        RemovedPicture.objects.filter(image_id=row.pk).update(
            sha256=row.sha256, perceptual_hash=row.perceptual_hash
        )
