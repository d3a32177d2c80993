"""System checks of a deployment: mails, and the cache of the throttles."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_mail(**kwargs: Any) -> list[CheckMessage]:
    """W001: mails slow requests. W002: links are logged. W003: links can be forged."""
    found: list[CheckMessage] = []
    backend = settings.EMAIL_BACKEND.removeprefix("django.core.mail.backends.")
    if backend == "smtp.EmailBackend" and settings.TASKS_BACKEND == "immediate":
        found.append(
            Warning(
                "Requests wait until their mails are sent. Their time tells whether "
                "an e-mail address has an account.",
                hint="Set TASKS_BACKEND to database, and run its worker.",
                id="accounts.W001",
            )
        )
    if backend == "console.EmailBackend":
        found.append(
            Warning(
                "Mails are printed, with links that set passwords.",
                hint="Set EMAIL_URL; see docs/configuration.md.",
                id="accounts.W002",
            )
        )
    inexact = any(host.startswith(("*", ".")) for host in settings.ALLOWED_HOSTS)
    if inexact and not settings.FRONTEND_URL:
        found.append(
            Warning(
                "A forged Host header can decide where links in mails lead.",
                hint="Set FRONTEND_URL, or name each host in ALLOWED_HOSTS.",
                id="accounts.W003",
            )
        )
    return found


@register(Tags.security, deploy=True)
def check_cache(**kwargs: Any) -> list[CheckMessage]:
    """W004: each process counts requests for itself."""
    backend = settings.CACHES["default"]["BACKEND"]
    if not backend.startswith("django.core.cache.backends.locmem."):
        return []
    return [
        Warning(
            "Each process counts requests for itself, so the throttles let through "
            "as many times their rates as there are processes.",
            hint="Set CACHE_URL to a Redis that all processes share.",
            id="accounts.W004",
        )
    ]
