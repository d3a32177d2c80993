"""Staff sign-ins and failed sign-ins in the log, without passwords.

A name that was typed is logged only if it belongs to staff. Other names are private,
and people type passwords into that field by mistake.
"""

import logging
from typing import Any, cast

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.email_field import normalize_email
from accounts.models import User
from mediabackend.api.text import escape_for_log
from mediabackend.http.client_ip import client_ip
from mediabackend.telemetry.counters import SIGN_INS

logger = logging.getLogger("accounts.signin")


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
