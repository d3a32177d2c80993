"""Exchange the file of an image: the step that replacing and moving share."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from images.models import Image, State, image_path
from images.outbox.models import PendingDeletion
from images.outbox.reservations import redeeming, upload_reserved
from images.outbox.schedule import schedule_deletion
from images.screening.inspection import InspectedFile
from images.services.facts import FileFacts
from images.services.locking import lock_image, write_image
from images.services.quota import add_to_totals


class ImageChanged(Exception):
    """Another request changed the image while this one was at work."""


class ImageTakenDown(Exception):
    """Moderators have taken the image down: its owner can only delete it."""


def refuse_taken_down(image: Image) -> None:
    """Raise ImageTakenDown for an image that moderators have taken down."""
    if image.state == State.TAKEN_DOWN:
        raise ImageTakenDown


@contextmanager
def exchanging_file(
    image: Image,
    draft: Image,
    file: InspectedFile,
    if_versions: Collection[int] | None = None,
) -> Iterator[Image]:
    """Store a new file for `image`, and give its row, locked, to be changed.

    `draft` has the columns that decide where the file is stored; its name is put
    there. The block writes the row with `write_file`. The old file goes only with the
    commit, at the block's end. Raises StorageError, Image.DoesNotExist when the image
    was deleted meanwhile, ImageStale when its version is none of `if_versions`, and
    ImageChanged when it was made private or public meanwhile.
    """
    stored = upload_reserved(draft.storage, image_path(draft), file.content)
    draft.file = stored.name
    with redeeming(stored):
        current = lock_image(image, if_versions)
        current.owner = image.owner
        old_name, was_shared = str(current.file.name), current.is_shared
        yield current
        if current.storage is not draft.storage:
            raise ImageChanged
        withdrawn = was_shared and not current.is_shared
        schedule_deletion(
            old_name,
            reason=PendingDeletion.Reason.REPLACED,
            # Signed URLs were handed out for a private file: in quarantine they are
            # no longer to work either.
            withdrawn=withdrawn or current.quarantined_at is not None,
        )


def write_file(current: Image, draft: Image, facts: FileFacts, **columns: Any) -> None:
    """Point a locked row at the draft's file; `columns` change with it.

    Raises QuotaExceeded.
    """
    if grown := facts.size - current.size:
        add_to_totals(current.owner_id, size=grown)
    file = {"file": str(draft.file.name), "missing_since": None}
    write_image(current, file | facts._asdict() | columns)
