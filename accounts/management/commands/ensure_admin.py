"""`manage.py ensure_admin`: the first administrator of an installation."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.models import User


class Command(BaseCommand):
    help = (
        "Create an administrator with a generated password and print both, "
        "unless there is an administrator already."
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
                f"{options['email']} has an account without administrator's rights: "
                "name another address with --email."
            )
            return
        password = secrets.token_urlsafe(15)
        User.objects.create_superuser(options["email"], password, display_name="Admin")
        self.stdout.write("An administrator was created. Shown only this once:")
        self.stdout.write(f"  e-mail    {options['email']}")
        self.stdout.write(f"  password  {password}")
