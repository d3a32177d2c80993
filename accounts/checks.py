"""System checks of a deployment: mails, the second factor, and the throttles' cache."""

from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_mail(**kwargs: Any) -> Iterator[CheckMessage]:
    """E001: links lead nowhere. W002: links are logged. W001, W006: see below."""
    if not (settings.SITE_URL or settings.FRONTEND_URL):
        yield Error(
            "Mails are not sent, because their links would lead nowhere.",
            hint="Set SITE_URL to the URL of this service, or FRONTEND_URL.",
            id="accounts.E001",
        )
    backend = settings.MAILERS["default"]["BACKEND"]
    if backend == "django.core.mail.backends.smtp.EmailBackend":
        yield from _check_smtp()
    if backend == "django.core.mail.backends.console.EmailBackend":
        yield Warning(
            "Mails are printed, with links that set passwords.",
            hint="Set EMAIL_URL; see docs/configuration.md.",
            id="accounts.W002",
        )


def _check_smtp() -> Iterator[CheckMessage]:
    """W001: mails slow requests. W006: mail servers refuse the sender."""
    if settings.TASKS_BACKEND == "immediate":
        yield Warning(
            "Requests wait until their mails are sent. Their time tells whether "
            "an e-mail address has an account.",
            hint="Set TASKS_BACKEND to database, and run its worker.",
            id="accounts.W001",
        )
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if "." not in sender.rpartition("@")[2]:
        yield Warning(
            f"Mail servers refuse mails from {sender or 'nobody'}.",
            hint="Set DEFAULT_FROM_EMAIL to an e-mail of a domain of yours.",
            id="accounts.W006",
        )


@register(Tags.security, deploy=True)
def check_second_factor(**kwargs: Any) -> Iterator[CheckMessage]:
    """W005: a password alone may open the admin."""
    if not settings.ADMIN_REQUIRE_OTP:
        yield Warning(
            "A password alone opens the admin for staff without a second factor.",
            hint="Set ADMIN_REQUIRE_OTP to true.",
            id="accounts.W005",
        )


@register(Tags.security, deploy=True)
def check_cache(**kwargs: Any) -> Iterator[CheckMessage]:
    """W004: each of several processes counts requests for itself."""
    backend = settings.CACHES["default"]["BACKEND"]
    in_memory = backend.startswith("django.core.cache.backends.locmem.")
    if in_memory and settings.WEB_CONCURRENCY != 1:
        yield Warning(
            "Each process counts requests for itself, so the throttles let through "
            "as many times their rates as there are processes.",
            hint="Set CACHE_URL to a Redis that all processes share, or "
            "WEB_CONCURRENCY to 1.",
            id="accounts.W004",
        )
