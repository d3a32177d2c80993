"""`manage.py reset_otp`: remove somebody's second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services.second_factor import remove_second_factor


class Command(BaseCommand):
    help = (
        "Remove the second factor of a member of staff who has lost both the "
        "authenticator and the recovery codes. Make sure who is asking first."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"]).first()
        if user is None:
            raise CommandError(f"No account has the e-mail {options['email']}.")
        if not remove_second_factor(user):
            raise CommandError(f"{user} has no second factor.")
        self.stdout.write(f"Removed the second factor of {user}.")
