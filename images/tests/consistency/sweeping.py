"""Sweep as the command does."""

from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from images.outbox.models import PendingDeletion


def sweep(**options) -> str:
    """Sweep what is due; return what the command prints."""
    out = StringIO()
    call_command("sweep_files", stdout=out, **options)
    return out.getvalue()


def make_due() -> None:
    PendingDeletion.objects.update(due_at=timezone.now() - timedelta(seconds=1))
