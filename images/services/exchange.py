"""Exchange the file of an image, for a replacement or a move."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from images.imagekit.aliases import DEFAULT, KIT_BACKEND
from images.models import Image, State, image_path
from images.outbox.models import PendingDeletion
from images.outbox.reservations import redeeming_reservation, upload_file
from images.outbox.schedule import schedule_deletion
from images.screening.inspection import InspectedFile
from images.services.facts import FileFacts
from images.services.locking import lock_image, write_image
from images.services.quota import add_to_totals
from mediabackend.events.models import Kind


class ImageChanged(Exception):
    """Another request has changed the image meanwhile."""


class ImageTakenDown(Exception):
    """A moderator has taken the image down: its owner can only delete it."""


def refuse_taken_down(image: Image) -> None:
    """Raise ImageTakenDown if a moderator has taken the image down."""
    if image.state == State.TAKEN_DOWN:
        raise ImageTakenDown


@contextmanager
def exchanging_file(
    image: Image,
    file: InspectedFile,
    facts: FileFacts,
    columns: dict[str, Any],
    *,
    check: Callable[[Image], None],
    if_versions: Collection[int] | None = None,
    kind: Kind = Kind.IMAGE_UPDATED,
) -> Iterator[Image]:
    """Store a new file for `image`, write its row, and yield it in the transaction.

    `columns` are other new values of the row, `kind` is that of `write_image`, and
    `check` may refuse the locked row. At the end of the block all is committed; only
    then the old file is deleted. Raises what `upload_file` and `lock_image` raise,
    QuotaExceeded, and ImageChanged if the image was made private or public meanwhile.
    """
    draft = Image(pk=image.pk, owner_id=image.owner_id, format=facts.format)
    draft.visibility = columns.get("visibility", image.visibility)
    draft.quarantined_at = columns.get("quarantined_at", image.quarantined_at)
    stored = upload_file(draft.storage, image_path(draft), file.content)
    with redeeming_reservation(stored):
        current = lock_image(image, if_versions)
        current.owner = image.owner
        check(current)
        old_name, was_shared = str(current.file.name), current.is_shared
        old_storage = KIT_BACKEND if current.left_in_place else DEFAULT
        if grown := facts.size - current.size:
            add_to_totals(current.owner_id, size=grown)
        own = {"file": stored.name, "missing_since": None, "left_in_place": False}
        write_image(current, own | facts._asdict() | columns, kind)
        if current.storage is not draft.storage:
            raise ImageChanged
        yield current
        schedule_deletion(
            old_name,
            reason=_reason(current, was_shared),
            withdrawn=was_shared and not current.is_shared,
            storage=old_storage,
        )


def _reason(current: Image, was_shared: bool) -> PendingDeletion.Reason:
    """Return why the old file of the changed row has to go."""
    reasons = PendingDeletion.Reason
    if current.quarantined_at:
        # The signed URLs of a private file must stop working too.
        return reasons.TAKEN_DOWN
    return reasons.REPLACED if was_shared == current.is_shared else reasons.MOVED
