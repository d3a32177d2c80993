"""System checks of a deployment: what is misconfigured about mails."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_mail(**kwargs: Any) -> list[CheckMessage]:
    """W001: mails slow requests. W002: links are logged. W003: forged links."""
    found: list[CheckMessage] = []
    backend = settings.EMAIL_BACKEND.removeprefix("django.core.mail.backends.")
    if backend == "smtp.EmailBackend" and settings.TASKS_BACKEND == "immediate":
        found.append(
            Warning(
                "Mails are sent within the request, whose time then tells "
                "whether an address has an account.",
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
                "A forged Host header decides where links in mails lead.",
                hint="Set FRONTEND_URL, or name each host in ALLOWED_HOSTS.",
                id="accounts.W003",
            )
        )
    return found
