"""Deletion of images by staff, with an entry in the log of decisions."""

from uuid import UUID

from django.db import transaction

from accounts.models import User
from images.models import Action, Decision, Image, Violation
from images.moderation.concurrency import lock_as_seen
from images.moderation.log import Words, log_decision
from images.outbox.models import PendingDeletion


def delete_image(
    *,
    image: UUID,
    by: User,
    seen: int,
    reason: Violation,
    note: str = "",
    legal_ground: str = "",
    file: str | None = None,
    tell_owner: bool = True,
) -> Decision:
    """Delete an image for good, with its file and the CDN's copies.

    For `seen`, `file` and the errors see `concurrency.lock_as_seen`.
    """
    with transaction.atomic():
        row = lock_as_seen(image, seen, file)
        words = Words(reason, note, legal_ground, tell_owner)
        # First, as the reports go with the image.
        decision = log_decision(
            Action.DELETE,
            by,
            row.owner_id,
            image,
            words=words,
            reports=row.reports.filter(closed_at=None),
        )
        Image.objects.filter(pk=image).delete(reason=PendingDeletion.Reason.BY_STAFF)
        return decision
