"""`manage.py ensure_admin`: create the first administrator."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.email_field import validate_account_email
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
        email = options["email"]
        try:
            validate_account_email(email)
        except ValidationError as error:
            raise CommandError(f"{email}: {' '.join(error.messages)}") from error
        if User.objects.filter(email=email).exists():
            self.stderr.write(
                f"{email} has an account that is not an administrator. "
                "Choose another e-mail address with --email."
            )
            return
        password = secrets.token_urlsafe(15)
        User.objects.create_superuser(email, password, display_name="Admin")
        self.stdout.write("Created an administrator. The password is shown only now:")
        self.stdout.write(f"  e-mail    {email}")
        self.stdout.write(f"  password  {password}")
