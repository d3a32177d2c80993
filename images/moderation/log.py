"""The log of decisions, and with each entry the mail that tells the owner."""

from typing import Required, TypedDict
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from images.models import (
    RESEMBLES_REMOVED,
    Action,
    Decision,
    OwnerNotice,
    Report,
    Violation,
)


class Words(TypedDict, total=False):
    """The words of a decision, and whether its owner gets them by mail."""

    note: str
    tell_owner: bool


class Grounds(Words, total=False):
    """The words of a restriction."""

    reason: Required[Violation]
    legal_ground: str


def log_decision(
    action: Action,
    by: User | None,
    user: UUID,
    image: UUID | None = None,
    *,
    reason: str = "",
    note: str = "",
    legal_ground: str = "",
    tell_owner: bool = True,
    reports: QuerySet[Report],
) -> Decision:
    """Add an entry, and note the mail to the owner if `tell_owner` is set.

    `reports` are those that the decision is about. Call it in the transaction of the
    decision, and `tell_owners_soon` afterwards.
    """
    decision = Decision.objects.create(
        action=action,
        reason=reason,
        note=note,
        legal_ground=legal_ground,
        moderator=by,
        # Not the email: the line outlives the account.
        moderator_name=(by.display_name or str(by.pk)) if by else "",
        user_id=user,
        image_id=image,
    )
    if tell_owner:
        found = set(reports.order_by().values_list("reason", flat=True).distinct())
        OwnerNotice.objects.create(
            decision=decision,
            was_reported=bool(found - {RESEMBLES_REMOVED}),
            was_compared=RESEMBLES_REMOVED in found,
        )
    return decision


def is_suspended(user: UUID) -> bool:
    """Say whether the user's last suspension has not been undone."""
    about = Decision.objects.filter(user_id=user)
    last = about.filter(action__in=[Action.SUSPEND, Action.REINSTATE]).first()
    return last is not None and last.action == Action.SUSPEND
