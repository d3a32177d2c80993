"""Counts of wrong passwords, and the locks that they close.

Each account has a count per network, per IPv6 /48 and for all networks together. The
first two end after LOCKOUT_MINUTES, the last when the account is unlocked. Networks
from which the user has signed in before are held by their own count only, so strangers
cannot lock a person out. Accounts that do not exist are counted in the same way.
"""

import logging
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.email_field import MAX_EMAIL_LENGTH, normalize_email
from accounts.models.sign_ins import FailedSignIn, KnownNetwork
from mediabackend.http.client_ip import client_ip, ip_group
from mediabackend.http.current_request import current_request

if TYPE_CHECKING:
    from accounts.models.users import User

logger = logging.getLogger(__name__)

# The name of the count of an account for all networks together.
ALL_NETWORKS = "all"
# How long a network is known after the last sign-in from it.
KNOWN_FOR = timedelta(days=90)
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_NO_LIMIT = 2**31 - 1

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
WHERE failed.last_at <= %(forgotten)s OR failed.number < %(most)s
RETURNING *
"""

# Does nothing for a user that does not exist.
_REMEMBER_NETWORK = """
INSERT INTO accounts_knownnetwork (user_id, network, last_used_at)
SELECT id, %(network)s, %(now)s FROM accounts_user WHERE id = %(user)s
ON CONFLICT (user_id, network) DO UPDATE SET last_used_at = excluded.last_used_at
"""


class LockedOut(Exception):
    """There were too many wrong passwords. The right one is refused too."""

    def __init__(self, retry_after: int, detail: str = "") -> None:
        super().__init__(
            detail or f"Too many failed sign-ins. Try again in {retry_after} seconds."
        )
        self.retry_after = retry_after


def check_counted(user: "User", is_right: Callable[[], bool]) -> bool:
    """Count a check of a password, and do it; raises LockedOut.

    The check is counted before it is done, so no more than the limit of any number of
    simultaneous attempts are checked. Checks outside of requests are not counted.
    """
    request = current_request()
    if request is None or settings.LOCKOUT_FAILURES == 0:
        return is_right()
    reached = _count_attempt(request, user.email)
    right = is_right()
    if not right:
        for attempt in reached:
            logger.warning(
                "sign-in locked after %d failures, the last from %s",
                attempt.number,
                attempt.ip,
            )
    elif user.is_active:
        ip = client_ip(request)
        networks = {ip_group(ip), ip_group(ip, 48), ALL_NETWORKS}
        failed = FailedSignIn.objects.filter(account=_account_name(user.email))
        failed.filter(network__in=networks).delete()
        remember_network(user.pk)
    return right


def unlock_account(email: str) -> None:
    """Let the user sign in again from everywhere."""
    FailedSignIn.objects.filter(account=_account_name(email)).delete()


def remember_network(user_id: Any) -> None:
    """Note that the user has shown who they are from the network of this request.

    Does nothing for a user that does not exist.
    """
    request = current_request()
    ip = request and client_ip(request)
    if not ip:
        return
    key = KnownNetwork._meta.get_field("user").get_db_prep_value(user_id, connection)
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    values = {"user": key, "network": ip_group(ip), "now": now}
    # The account may be deleted at this moment.
    with suppress(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_REMEMBER_NETWORK, values)


def _count_attempt(request: HttpRequest, email: str) -> list[FailedSignIn]:
    """Count an attempt; raises LockedOut.

    Returns the counts that have reached their limits. Locks that end do so some time
    after the last attempt that was checked: refused attempts do not prolong them.
    """
    ip, now = client_ip(request), timezone.now()
    account = _account_name(email)
    values = {
        "account": account,
        "ip": ip,
        "path": _text(request.path, 200),
        "agent": user_agent(request.headers),
        "now": now,
    }
    limits = _limits(account, ip, now)
    # Durable: in a transaction that fails later, the count would be lost.
    with transaction.atomic(durable=True):
        counts = [(most, _count(values, name, most)) for name, most in limits.items()]
    return [row for most, row in counts if row.number >= most]


def _limits(account: str, ip: str | None, now: datetime) -> dict[str, int]:
    """Return the most attempts that are counted under the name of each network."""
    network = ip_group(ip)
    is_known = KnownNetwork.objects.filter(
        user__email=account, network=network, last_used_at__gt=now - KNOWN_FOR
    ).exists()
    of_site = _NO_LIMIT if is_known else settings.LOCKOUT_SITE_FAILURES
    of_account = _NO_LIMIT if is_known else settings.LOCKOUT_ACCOUNT_FAILURES
    limits = {network: settings.LOCKOUT_FAILURES}
    # Of IPv4 it is the same name.
    limits.setdefault(ip_group(ip, 48), of_site)
    # The row that all attempts on an account share is locked last, so for the
    # shortest time.
    return limits | {ALL_NETWORKS: of_account}


def _count(values: dict[str, Any], network: str, most: int) -> FailedSignIn:
    """Count an attempt under one name, and return the row; raises LockedOut."""
    now, lasts = values["now"], timedelta(minutes=settings.LOCKOUT_MINUTES)
    # Attempts up to this time are forgotten.
    forgotten = _LONG_AGO if network == ALL_NETWORKS else now - lasts
    bounds = {"network": network, "most": most, "forgotten": forgotten}
    if counted := list(FailedSignIn.objects.raw(_COUNT_ATTEMPT, values | bounds)):
        return counted[0]
    if network == ALL_NETWORKS:
        raise LockedOut(
            settings.LOCKOUT_MINUTES * 60,
            "Too many failed sign-ins to this account. Set a new password by mail, or "
            "sign in from a network from which you have signed in before.",
        )
    rows = FailedSignIn.objects.filter(account=values["account"], network=network)
    locked = rows.first()
    # It may have been unlocked just now.
    left = locked.last_at + lasts - now if locked else timedelta()
    raise LockedOut(max(1, math.ceil(left.total_seconds())))


def _account_name(email: str) -> str:
    return _text(normalize_email(email), MAX_EMAIL_LENGTH)


def user_agent(headers: Mapping[str, str]) -> str:
    """Return the beginning of `User-Agent`, as the database can hold it."""
    return _text(headers.get("User-Agent", ""), 300)


def _text(value: str, length: int) -> str:
    """Return the beginning of the text, without NUL, which PostgreSQL refuses."""
    return value.replace("\x00", "")[:length]
