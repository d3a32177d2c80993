"""Deletion of images by staff, with an entry in the log of decisions."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from images.models import Action, Decision, Image, Violation
from images.moderation.decisions import DecidedMeanwhile, PictureReplaced
from images.moderation.log import Words, log_decision
from images.outbox.models import PendingDeletion
from images.services.locking import lock_image


def delete_image(
    *,
    image: UUID,
    by: User,
    seen: int,
    reason: Violation,
    note: str = "",
    file: str | None = None,
) -> Decision:
    """Delete an image for good, with its file and the CDN's copies.

    For `seen`, `file` and the errors see `decisions.approve_image`.
    """
    with transaction.atomic():
        row = lock_image(Image.objects.get(pk=image))
        if row.decision_count != seen:
            raise DecidedMeanwhile
        if file is not None and row.file.name != file:
            raise PictureReplaced
        Image.objects.filter(pk=image).delete(reason=PendingDeletion.Reason.BY_STAFF)
        # The owner gets no mail: it would be about an image that is not there any more.
        words = Words(reason=reason, note=note, tell_owner=False)
        return log_decision(Action.DELETE, by, row.owner_id, image, words=words)
