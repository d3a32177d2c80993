"""`manage.py cleanup_accounts`: delete old records of sign-ins, mails, invitations."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.services.housekeeping import KEPT_DAYS, forget_old_records


class Command(BaseCommand):
    help = (
        "Delete old records of sign-ins, failed sign-ins, networks, mails and "
        "invitations."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=KEPT_DAYS,
            help="how many days records are kept (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        deleted = forget_old_records(options["days"])
        counts = ", ".join(f"{name} {number}" for name, number in deleted.items())
        self.stdout.write(f"deleted: {counts}")
