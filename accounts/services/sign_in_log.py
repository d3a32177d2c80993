"""Sign-ins of staff, and failed ones, in the log; never the password.

Names that were typed are written only when they are those of staff: others are
private, and people type passwords there by mistake.
"""

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.managers import UserManager
from accounts.models import User
from mediabackend.api.text import escape_for_log
from mediabackend.http.client_ip import client_address

logger = logging.getLogger("accounts.signin")


@receiver(user_logged_in, dispatch_uid="log_staff_sign_in")
def log_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    if user.is_staff:
        _log(logging.INFO, "staff signed in", user.email, request)


@receiver(user_login_failed, dispatch_uid="log_failed_sign_in")
def log_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    email = UserManager.normalize_email(str(credentials.get("username", "")))
    # The same query whether or not there is such an account.
    if User.objects.filter(email=email, is_staff=True).exists():
        _log(logging.WARNING, "staff sign-in failed", email, request)
    else:
        _log(logging.INFO, "sign-in failed", "", request)


def _log(level: int, message: str, email: str, request: HttpRequest | None) -> None:
    address = request and client_address(request)
    logger.log(
        level,
        "%s: %s from %s",
        message,
        escape_for_log(email) or "not of staff",
        address or "unknown",
        extra={"email": escape_for_log(email), "address": address},
    )
