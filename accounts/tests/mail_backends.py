"""Mail backends for tests."""

from typing import Any

import django
from django.core.mail.backends.base import BaseEmailBackend


def mails_through(backend: str) -> dict[str, Any]:
    """Return the settings by which mails are sent through a backend."""
    if django.VERSION < (6, 1):
        return {"EMAIL_BACKEND": backend}
    return {"MAILERS": {"default": {"BACKEND": backend}}}


class BrokenBackend(BaseEmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("mail.example.com")


BROKEN = f"{__name__}.BrokenBackend"
