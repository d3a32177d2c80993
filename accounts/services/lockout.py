"""The lock on signing in, by account and network together.

A stranger in another network cannot lock somebody out. All ways to sign in use
the authentication backend in this module.
"""

import logging
import math
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.managers import MAX_EMAIL_LENGTH, UserManager
from accounts.models import FailedSignIn, User
from mediabackend.http.client_ip import client_ip, ip_group

logger = logging.getLogger(__name__)

# Counts an attempt, and returns the row. Returns none, and changes nothing, while the
# lock holds. One atomic statement: reading a number and writing it back one higher
# would let simultaneous attempts through.
_COUNT_ATTEMPT = """
INSERT INTO accounts_failedsignin AS failed
  (account, network, number, last_at, ip, path, agent)
VALUES
  (%(account)s, %(network)s, 1, %(now)s, %(ip)s, %(path)s, %(agent)s)
ON CONFLICT (account, network) DO UPDATE SET
  number = CASE WHEN failed.last_at <= %(forgotten)s THEN 1 ELSE failed.number + 1 END,
  last_at = excluded.last_at,
  ip = excluded.ip,
  path = excluded.path,
  agent = excluded.agent
WHERE failed.last_at <= %(forgotten)s OR failed.number < %(limit)s
RETURNING *
"""


class LockedOut(Exception):
    """There were too many wrong passwords. The right one is refused too, for now."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            f"Too many failed sign-ins. Try again in {retry_after} seconds."
        )
        self.retry_after = retry_after


class LockoutBackend(ModelBackend):
    """Checks passwords, unless there were too many wrong ones before.

    An attempt is counted before its password is checked, so no more than
    LOCKOUT_FAILURES of any number of simultaneous attempts are checked. The account
    is not looked up to count: unknown accounts are locked in the same way.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user with these credentials; raises LockedOut."""
        email = username or kwargs.get(User.USERNAME_FIELD) or ""
        # Commands and tests sign in without a request, and are not counted.
        if request is None or settings.LOCKOUT_FAILURES == 0:
            return super().authenticate(request, email, password)
        attempt = count_attempt(request, email)
        user = super().authenticate(request, email, password)
        if user is not None:
            failed_sign_ins(email).filter(network=attempt.network).delete()
        elif attempt.number == settings.LOCKOUT_FAILURES:
            logger.warning(
                "sign-in locked after %d failures from %s", attempt.number, attempt.ip
            )
        return user


def count_attempt(request: HttpRequest, email: str) -> FailedSignIn:
    """Count a sign-in whose password is about to be checked; raises LockedOut.

    The lock lasts from the last attempt whose password was checked: refused attempts
    do not prolong it.
    """
    ip, now = client_ip(request), timezone.now()
    values = {
        "account": _account_name(email),
        "network": ip_group(ip),
        "ip": ip,
        "path": _text(request.path, 200),
        "agent": _text(request.headers.get("User-Agent", ""), 300),
        "now": now,
        "forgotten": now - timedelta(minutes=settings.LOCKOUT_MINUTES),
        "limit": settings.LOCKOUT_FAILURES,
    }
    for attempt in list(FailedSignIn.objects.raw(_COUNT_ATTEMPT, values)):
        return attempt
    locked = failed_sign_ins(email).filter(network=values["network"]).first()
    # It may have been unlocked just now.
    raise LockedOut(_seconds_left(locked.last_at, now) if locked else 1)


def failed_sign_ins(email: str) -> QuerySet[FailedSignIn]:
    """Select the failed sign-ins to an account, from all networks."""
    return FailedSignIn.objects.filter(account=_account_name(email))


def unlock_user(user: User) -> None:
    """Let the user sign in again from everywhere."""
    failed_sign_ins(user.email).delete()


def _account_name(email: str) -> str:
    return _text(UserManager.normalize_email(email), MAX_EMAIL_LENGTH)


def _seconds_left(last_at: datetime, now: datetime) -> int:
    end = last_at + timedelta(minutes=settings.LOCKOUT_MINUTES)
    return max(1, math.ceil((end - now).total_seconds()))


def _text(value: str, length: int) -> str:
    """Return the beginning of the text, without NUL, which PostgreSQL refuses."""
    return value.replace("\x00", "")[:length]
