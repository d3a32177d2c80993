"""`manage.py ensure_admin`: create the first administrator."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.email_field import validate_account_email
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Create an administrator with the password of ADMIN_PASSWORD, or with a "
        "generated one, which is printed. Does nothing if there is an administrator "
        "already."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--email",
            default=settings.ADMIN_EMAIL,
            help="the default is that of ADMIN_EMAIL, else admin@example.com",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(is_superuser=True).exists():
            return
        email = options["email"]
        given = settings.ADMIN_PASSWORD
        try:
            validate_account_email(email)
            if given:
                validate_password(given, User(email=email))
        except ValidationError as error:
            raise CommandError(f"{email}: {' '.join(error.messages)}") from error
        if User.objects.filter(email=email).exists():
            self.stderr.write(
                f"{email} has an account that is not an administrator. "
                "Choose another e-mail address with --email."
            )
            return
        password = given or secrets.token_urlsafe(15)
        User.objects.create_superuser(email, password, display_name="Admin")
        if given:
            self.stdout.write(f"Created the administrator {email}.")
            return
        self.stdout.write("Created an administrator. The password is shown only now:")
        self.stdout.write(f"  e-mail    {email}")
        self.stdout.write(f"  password  {password}")
