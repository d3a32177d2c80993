"""Signing in with a password, and the lock on it.

`User.check_password` counts each check; see `accounts.models.attempts`.
"""

from contextlib import nullcontext
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.auth.backends import BaseBackend, ModelBackend
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User
from accounts.models.attempts import LockedOut, failed_sign_ins
from accounts.tokens.sessions import NoActiveAccount, start_session
from mediabackend.http.current_request import answering
from mediabackend.telemetry.counters import SIGN_INS


class LockoutBackend(ModelBackend):
    """Checks passwords, unless there were too many wrong ones before."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user with these credentials; raises LockedOut.

        Does the same for accounts that do not exist: their passwords are hashed and
        counted too.
        """
        email = username or kwargs.get(User.USERNAME_FIELD) or ""
        found = User.objects.filter(email=email).first()
        user = found or User(email=email, password=UNUSABLE_PASSWORD_PREFIX)
        # Commands and tests sign in without a request, and are not counted.
        with answering(request) if request else nullcontext():
            try:
                is_right = user.check_password(password)
            except LockedOut:
                SIGN_INS.labels("locked").inc()
                raise
        is_active = self.user_can_authenticate(user)
        refusal = "inactive" if is_right else "wrong_password"
        SIGN_INS.labels("granted" if is_right and is_active else refusal).inc()
        return user if is_right and is_active else None

    # It calls `authenticate`; ModelBackend's own would not look at the lock.
    aauthenticate: Any = BaseBackend.aauthenticate


def sign_in_user(request: Request, *, email: str, password: str) -> dict[str, str]:
    """Return an access and a refresh token for an active user's credentials.

    Raises LockedOut and NoActiveAccount. An unknown e-mail costs one hash too: the
    time does not tell whether the e-mail has an account.
    """
    user = authenticate(request, username=email, password=password)
    if user is None:
        raise NoActiveAccount
    return start_session(user, request)


def unlock_account(email: str) -> None:
    """Let the user sign in again from everywhere."""
    failed_sign_ins(email).delete()
