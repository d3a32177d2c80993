"""Signing in with a password, and the log of it, without passwords.

`User.check_password` counts each check; see `accounts.models.attempts`. A name that
was typed is logged only if it belongs to staff. Other names are private, and people
type passwords into that field by mistake.
"""

import logging
from contextlib import nullcontext
from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.email_field import normalize_email
from accounts.models import User
from accounts.models.attempts import LockedOut
from mediabackend.api.text import escape_for_log
from mediabackend.http.client_ip import client_ip
from mediabackend.http.current_request import answering
from mediabackend.telemetry.counters import SIGN_INS

logger = logging.getLogger("accounts.signin")


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

    async def aauthenticate(
        self, request: HttpRequest | None, *args: Any, **kwargs: Any
    ) -> User | None:
        return await sync_to_async(self.authenticate)(request, *args, **kwargs)


@receiver(user_logged_in, dispatch_uid="log_staff_sign_in")
def log_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    if user.is_staff:
        _log(logging.INFO, "staff signed in", user.email, request)


@receiver(user_login_failed, dispatch_uid="log_failed_sign_in")
def log_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    email = normalize_email(str(credentials.get("username", "")))
    # The same query whether or not the account exists.
    if User.objects.filter(email=email, is_staff=True).exists():
        _log(logging.WARNING, "staff sign-in failed", email, request)
    else:
        _log(logging.INFO, "sign-in failed", "", request)


def log_wrong_code(request: HttpRequest, failures: int) -> None:
    """Log that staff gave a wrong code of the second factor."""
    SIGN_INS.labels("wrong_code").inc()
    email = cast(User, request.user).email
    _log(logging.WARNING, f"wrong code no. {failures} of staff", email, request)


def _log(level: int, message: str, email: str, request: HttpRequest | None) -> None:
    ip = request and client_ip(request)
    logger.log(
        level,
        "%s: %s from %s",
        message,
        escape_for_log(email) or "not staff",
        ip or "unknown",
        extra={"email": escape_for_log(email), "ip": ip},
    )
