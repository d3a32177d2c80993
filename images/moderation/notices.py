"""Send the mails that tell owners of decisions.

Each mail waits in a row of its own until it is sent. A background task sends it soon
after the decision; the worker sends what is left, and tries again what failed.
"""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.services.mail_layout import compose_mail
from accounts.services.one_time_links import find_site
from images.models import Action, Decision, OwnerNotice
from images.moderation.statements import write_statement
from mediabackend.tasks import task

logger = logging.getLogger(__name__)

# Mails for one task; as many as decisions that are made at once.
_BATCH = 100
# After this time another process may send what one process has claimed.
_LEASE = timedelta(minutes=5)
# The delay doubles with each attempt. Together they take three days.
_FIRST_RETRY, _LAST_RETRY = timedelta(minutes=1), timedelta(hours=6)
_ATTEMPTS = 20
# How long operators are told of mails that were given up.
_TOLD_FOR = timedelta(days=30)
# By decision, those after which it no longer holds.
_ENDED_BY = {
    Action.TAKE_DOWN: [Action.RESTORE, Action.DELETE],
    Action.HIDE: [Action.APPROVE, Action.TAKE_DOWN, Action.DELETE],
    Action.RESTORE: [Action.TAKE_DOWN, Action.HIDE, Action.DELETE],
    Action.APPROVE: [Action.TAKE_DOWN, Action.HIDE, Action.DELETE],
    Action.DELETE: [],
    Action.SUSPEND: [Action.REINSTATE],
    Action.REINSTATE: [Action.SUSPEND],
}


def tell_owners_soon() -> None:
    """Send the waiting mails in a background task, after the transaction's commit."""
    transaction.on_commit(tell_owners_in_background.enqueue, robust=True)


@task()
def tell_owners_in_background() -> None:
    """Send some mails; the worker sends the rest."""
    tell_owners()


def tell_owners(limit: int = _BATCH) -> int:
    """Send up to `limit` waiting mails; return how many were sent.

    A user gets one mail about decisions of the same kind with the same words. A mail
    that fails ends the round, as the mail server may be down.
    """
    for sent in range(limit):
        notices = _claim()
        if not notices:
            return sent
        try:
            _send(notices)
        except Exception as error:
            # Each mail backend raises errors of its own.
            _note_failure(notices, error)
            return sent
    return limit


def failed_mails() -> int:
    """Count the mails that were given up in the last 30 days."""
    failed = OwnerNotice.objects.filter(state=OwnerNotice.State.FAILED)
    return failed.filter(finished_at__gt=timezone.now() - _TOLD_FOR).count()


def retry_failed_mails() -> None:
    """Make the mails that were given up due, as if they were new."""
    OwnerNotice.objects.filter(state=OwnerNotice.State.FAILED).update(
        state=OwnerNotice.State.WAITING,
        due_at=timezone.now(),
        attempts=0,
        finished_at=None,
    )


def _claim() -> list[OwnerNotice]:
    """Claim the mail that has waited longest, and those that go with it."""
    now = timezone.now()
    waiting = OwnerNotice.objects.filter(state=OwnerNotice.State.WAITING)
    due = waiting.filter(due_at__lte=now).select_related("decision")
    due = due.select_for_update(of=("self",), skip_locked=True)
    with transaction.atomic(durable=True):
        first = due.order_by("due_at", "pk").first()
        if first is None:
            return []
        claimed = list(_like(due, first).order_by("pk"))
        _rows(claimed).update(due_at=now + _LEASE)
    return claimed


def _like(notices: models.QuerySet[OwnerNotice], first: OwnerNotice) -> Any:
    decision = first.decision
    return notices.filter(
        was_reported=first.was_reported,
        was_compared=first.was_compared,
        decision__user_id=decision.user_id,
        decision__action=decision.action,
        decision__reason=decision.reason,
        decision__note=decision.note,
        decision__legal_ground=decision.legal_ground,
    )


def _send(notices: list[OwnerNotice]) -> None:
    """Send one mail for all of these, but for decisions that no longer hold."""
    ended = [notice for notice in notices if _is_ended(notice.decision)]
    _finish(ended, OwnerNotice.State.REPLACED)
    holding = [notice for notice in notices if notice not in ended]
    if not holding:
        return
    owner = User.objects.filter(pk=holding[0].decision.user_id).first()
    if owner is None:
        _finish(holding, OwnerNotice.State.GONE)
        return
    subject, sections = write_statement(holding, owner)
    message = compose_mail(subject, sections, to=owner.email, site=find_site())
    message.reply_to = _reply_to()
    message.send()
    _finish(holding, OwnerNotice.State.SENT)


def _is_ended(decision: Decision) -> bool:
    """Say whether a later decision has ended this one."""
    later = Decision.objects.filter(
        pk__gt=decision.pk,
        user_id=decision.user_id,
        image_id=decision.image_id,
        action__in=_ENDED_BY[Action(decision.action)],
    )
    return later.exists()


def _reply_to() -> list[str]:
    """Return whom owners can answer; MODERATION_CONTACT may be a URL instead."""
    contact: str = settings.MODERATION_CONTACT
    try:
        validate_email(contact)
    except ValidationError:
        return []
    return [contact]


def _finish(notices: list[OwnerNotice], state: OwnerNotice.State) -> None:
    changes = {"state": state, "finished_at": timezone.now(), "last_error": ""}
    _rows(notices).update(attempts=F("attempts") + 1, **changes)


def _note_failure(notices: list[OwnerNotice], error: Exception) -> None:
    """Let the mails be tried again later, or give them up after three days."""
    first = notices[0]
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]
    is_last = first.attempts + 1 >= _ATTEMPTS
    delay = min(_FIRST_RETRY * 2**first.attempts, _LAST_RETRY)
    rows = _rows(notices).filter(state=OwnerNotice.State.WAITING)
    rows.update(
        attempts=F("attempts") + 1, last_error=text, due_at=timezone.now() + delay
    )
    if is_last:
        rows.update(state=OwnerNotice.State.FAILED, finished_at=timezone.now())
    outcome = "was given up" if is_last else "will be tried again"
    extra = {"decision": str(first.pk)}
    logger.error("A mail to an owner %s: %s", outcome, text, extra=extra)


def _rows(notices: list[OwnerNotice]) -> models.QuerySet[OwnerNotice]:
    return OwnerNotice.objects.filter(pk__in=[notice.pk for notice in notices])
