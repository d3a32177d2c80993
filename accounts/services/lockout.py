"""The lock on signing in, by account and address together.

By both, so that a stranger elsewhere cannot lock somebody out. Every way to
sign in goes through the one backend here.
"""

import hashlib
import logging
from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.models import AccessAttempt
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from accounts.managers import UserManager
from accounts.models import User
from mediabackend.db.counters import count, forget
from mediabackend.http.client_ip import address_group, client_address

logger = logging.getLogger(__name__)


class LockedOut(Throttled):
    """Too many wrong passwords; the right one is refused too."""

    default_code = "login_locked"
    default_detail = "Too many failed sign-ins."

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


class LockoutBackend(AxesStandaloneBackend, ModelBackend):
    """Checks passwords, unless there were too many wrong ones before.

    An attempt is counted before its password is checked, in one atomic step:
    of any number at the same time no more than LOCKOUT_FAILURES get through.
    The account is not looked up for it, so an unknown one is locked likewise.
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
        # Without a request, in a command or a test, there is no address.
        guarded = request is not None and settings.LOCKOUT_FAILURES > 0
        if request is not None and guarded:
            count_attempt(request, email)
        user = ModelBackend.authenticate(self, request, email, password)
        if request is not None and guarded and user is not None:
            forget(lock_key(email, client_address(request)))
        return user


def count_attempt(request: HttpRequest, email: str) -> None:
    """Count a sign-in that is about to be tried; raises LockedOut.

    The lock lasts from the last attempt that was let through: those that are
    refused do not prolong it.
    """
    limit = settings.LOCKOUT_FAILURES
    address = client_address(request)
    counted = count(
        lock_key(email, address),
        settings.LOCKOUT_MINUTES * 60,
        restart_at=limit,
        durable=True,
    )
    if counted.number <= limit:
        return
    if counted.number == limit + 1:
        logger.warning("sign-in locked after %d failures from %s", limit, address)
        user_locked_out.send(
            "axes", request=request, username=email, ip_address=address
        )
    raise LockedOut(counted.seconds_left)


def lock_key(email: str, address: str | None) -> str:
    """Return the name of a counter; no address of a person stands in it."""
    account = UserManager.normalize_email(email)
    digest = hashlib.sha256(account.encode()).hexdigest()
    return f"lock:{digest}:{address_group(address)}"


def unlock(user: User) -> None:
    """Let the user sign in again from everywhere, as after a password reset."""
    unlock_attempts(AccessAttempt.objects.filter(username=user.email))


def unlock_attempts(attempts: QuerySet[AccessAttempt]) -> int:
    """Take back the locks of these accounts and addresses, and their records."""
    pairs = list(attempts.values_list("username", "ip_address"))
    forget(*(lock_key(*pair) for pair in pairs), everywhere=True)
    attempts.delete()
    return len(pairs)
