"""Limits on the mails that one person gets, whoever asks for them.

While the link in a mail works, no other mail of its kind is sent to this recipient. So
nobody can flood a mailbox, and nobody can make the link of its owner invalid.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from accounts.models import SentMail
from accounts.services.one_time_links import RESET_SECONDS

# One atomic statement: of two requests at once only one sends a mail.
_CLAIM = """
INSERT INTO accounts_sentmail AS sent (kind, recipient, state, sent_at, valid_until)
VALUES (%(kind)s, %(recipient)s, %(state)s, %(now)s, %(until)s)
ON CONFLICT (kind, recipient) DO UPDATE SET
  state = excluded.state,
  sent_at = excluded.sent_at,
  valid_until = excluded.valid_until
WHERE sent.valid_until <= %(now)s
  OR (sent.state <> excluded.state AND sent.sent_at <= %(pause)s)
RETURNING id
"""


class _Limit(NamedTuple):
    """The time until the next mail of a kind to the same recipient."""

    # While its link works, or as long as the news is no other.
    same: timedelta
    # After its link has become invalid. Not zero where a stranger can cause this, with
    # accounts and e-mail changes of their own.
    other: timedelta


def _limit_of(kind: str) -> _Limit:
    link = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return {
        "password_reset": _Limit(timedelta(seconds=RESET_SECONDS), timedelta(0)),
        "verification": _Limit(link, timedelta(hours=1)),
        "change_confirmation": _Limit(link, timedelta(hours=1)),
        # Each change that is asked for is told: only the account's password starts one.
        "change_notice": _Limit(link, timedelta(0)),
        "email_taken": _Limit(timedelta(days=1), timedelta(days=1)),
        # Only staff have it sent.
        "invitation": _Limit(timedelta(0), timedelta(0)),
    }[kind]


@contextmanager
def claiming_mail(kind: str, recipient: str, state: str) -> Iterator[bool]:
    """Say whether a mail may be sent now; `state` is what its link depends on.

    If the mail fails, another one may be sent at once.
    """
    now, limit = timezone.now(), _limit_of(kind)
    values = {"kind": kind, "recipient": recipient, "state": state, "now": now}
    values |= {"until": now + limit.same, "pause": now - limit.other}
    # Claims the mail, unless the last one is still good.
    may_be_sent = bool(SentMail.objects.raw(_CLAIM, values))
    try:
        yield may_be_sent
    except BaseException:
        if may_be_sent:
            SentMail.objects.filter(kind=kind, recipient=recipient).delete()
        raise
