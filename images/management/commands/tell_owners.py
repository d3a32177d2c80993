"""`manage.py tell_owners`: send the mails to owners about decisions."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from images.moderation.notices import retry_failed_mails, tell_owners


class Command(BaseCommand):
    help = "Send the mails to owners about decisions that are due; the worker does too."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--failed",
            action="store_true",
            help="Also send those that were given up, for example after the mail "
            "server was repaired.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["failed"]:
            retry_failed_mails()
        total = 0
        while sent := tell_owners():
            total += sent
        self.stdout.write(f"Sent {total} mails.")
