"""The log of decisions, and with each entry the mail that tells the owner."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from images.models import Action, Decision, OwnerNotice, Report, ReportReason


@dataclass(frozen=True)
class Words:
    """The words of a decision, and whether its owner gets them by mail."""

    reason: str = ""
    note: str = ""
    legal_ground: str = ""
    tell_owner: bool = True


def log_decision(
    action: Action,
    by: User | None,
    user: UUID,
    image: UUID | None = None,
    *,
    words: Words,
    reports: QuerySet[Report] | None = None,
) -> Decision:
    """Add an entry, and note the mail to the owner if the words ask for it.

    `reports` are those that the decision is about. Call it in the transaction of the
    decision, and `tell_owners_soon` afterwards.
    """
    decision = Decision.objects.create(
        action=action,
        reason=words.reason,
        note=words.note,
        legal_ground=words.legal_ground,
        moderator=by,
        # Not the email: the line outlives the account.
        moderator_name=(by.display_name or str(by.pk)) if by else "",
        user_id=user,
        image_id=image,
    )
    if words.tell_owner:
        OwnerNotice.objects.create(decision=decision, **_found_by(reports))
    return decision


def _found_by(reports: QuerySet[Report] | None) -> dict[str, bool]:
    if reports is None:
        return {}
    found = set(reports.order_by().values_list("reason", flat=True).distinct())
    compared = ReportReason.RESEMBLES_REMOVED.value
    return {"was_reported": bool(found - {compared}), "was_compared": compared in found}
