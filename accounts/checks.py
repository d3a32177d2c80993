"""System checks of a deployment: mails, the second factor, and the throttles' cache."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_mail(**kwargs: Any) -> list[CheckMessage]:
    """E001: links lead nowhere. W002: links are logged. W001, W006: see below."""
    found: list[CheckMessage] = []
    if not (settings.SITE_URL or settings.FRONTEND_URL):
        found.append(
            Error(
                "Mails are not sent, because their links would lead nowhere.",
                hint="Set SITE_URL to the URL of this service, or FRONTEND_URL.",
                id="accounts.E001",
            )
        )
    backend = settings.MAILERS["default"]["BACKEND"]
    if backend == "django.core.mail.backends.smtp.EmailBackend":
        found += _check_smtp()
    if backend == "django.core.mail.backends.console.EmailBackend":
        found.append(
            Warning(
                "Mails are printed, with links that set passwords.",
                hint="Set EMAIL_URL; see docs/configuration.md.",
                id="accounts.W002",
            )
        )
    return found


def _check_smtp() -> list[CheckMessage]:
    """W001: mails slow requests. W006: mail servers refuse the sender."""
    found: list[CheckMessage] = []
    if settings.TASKS_BACKEND == "immediate":
        found.append(
            Warning(
                "Requests wait until their mails are sent. Their time tells whether "
                "an e-mail address has an account.",
                hint="Set TASKS_BACKEND to database, and run its worker.",
                id="accounts.W001",
            )
        )
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if "." not in sender.rpartition("@")[2]:
        found.append(
            Warning(
                f"Mail servers refuse mails from {sender or 'nobody'}.",
                hint="Set DEFAULT_FROM_EMAIL to an e-mail of a domain of yours.",
                id="accounts.W006",
            )
        )
    return found


@register(Tags.security, deploy=True)
def check_second_factor(**kwargs: Any) -> list[CheckMessage]:
    """W005: a password alone may open the admin."""
    if settings.ADMIN_REQUIRE_OTP:
        return []
    return [
        Warning(
            "A password alone opens the admin for staff without a second factor.",
            hint="Set ADMIN_REQUIRE_OTP to true.",
            id="accounts.W005",
        )
    ]


@register(Tags.security, deploy=True)
def check_cache(**kwargs: Any) -> list[CheckMessage]:
    """W004: each of several processes counts requests for itself."""
    backend = settings.CACHES["default"]["BACKEND"]
    if (
        not backend.startswith("django.core.cache.backends.locmem.")
        or settings.WEB_CONCURRENCY == 1
    ):
        return []
    return [
        Warning(
            "Each process counts requests for itself, so the throttles let through "
            "as many times their rates as there are processes.",
            hint="Set CACHE_URL to a Redis that all processes share, or "
            "WEB_CONCURRENCY to 1.",
            id="accounts.W004",
        )
    ]
