"""`manage.py ensure_admin`: create the first administrator."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Create an administrator with a generated password, and print both. "
        "Does nothing if there is an administrator already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", default="admin@example.com")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(is_superuser=True).exists():
            return
        if User.objects.filter(
            email=User.objects.normalize_email(options["email"])
        ).exists():
            self.stderr.write(
                f"{options['email']} has an account that is not an administrator. "
                "Choose another e-mail address with --email."
            )
            return
        password = secrets.token_urlsafe(15)
        User.objects.create_superuser(options["email"], password, display_name="Admin")
        self.stdout.write("Created an administrator. The password is shown only now:")
        self.stdout.write(f"  e-mail    {options['email']}")
        self.stdout.write(f"  password  {password}")
