"""`manage.py unlock_account`: let a user sign in again after failed sign-ins."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.email_field import normalize_email
from accounts.models import User
from accounts.models.attempts import unlock_account


class Command(BaseCommand):
    help = "Let a user sign in again, from everywhere, after too many failed sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        email = normalize_email(options["email"])
        if not User.objects.filter(email=email).exists():
            raise CommandError(f"There is no account with the e-mail {email}.")
        unlock_account(email)
        self.stdout.write(f"{email} is unlocked.")
