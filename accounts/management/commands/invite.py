"""`manage.py invite`: invite somebody to sign up."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.email_field import normalize_email, validate_account_email
from accounts.services.invitations import (
    DEFAULT_DAYS,
    MAX_DAYS,
    create_invitation,
    issue_token,
)
from accounts.services.mails import enqueue_mail, mail_invitation
from accounts.services.one_time_links import build_link, find_site


class Command(BaseCommand):
    help = "Create an invitation to sign up, and print its link or mail it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "email",
            nargs="?",
            default="",
            help="the only e-mail address that can sign up with it (default: any)",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=DEFAULT_DAYS,
            help=f"how many days it works (default: {DEFAULT_DAYS})",
        )
        parser.add_argument(
            "--mail",
            action="store_true",
            help="mail the link, and print nothing; the e-mail address then counts as "
            "verified",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email, days, by_mail = options["email"], options["days"], options["mail"]
        _check(email, days, by_mail)
        if settings.SIGNUP == "closed":
            self.stderr.write("SIGNUP is closed: no invitation works until it is not.")
        invitation = create_invitation(email=normalize_email(email), days=days)
        if by_mail:
            enqueue_mail(mail_invitation, None, str(invitation.pk))
            self.stdout.write(f"A mail with the link is on its way to {email}.")
            return
        token, site = issue_token(invitation), find_site()
        self.stderr.write("The link works once and is shown only now:")
        self.stdout.write(build_link(site, "sign-up", invitation=token))
        if not site:
            self.stderr.write("Put the URL of this service before it.")


def _check(email: str, days: int, by_mail: bool) -> None:
    """Raise CommandError for options that cannot be carried out."""
    if not 1 <= days <= MAX_DAYS:
        raise CommandError(f"--days must be 1 to {MAX_DAYS}.")
    if by_mail and not (email and find_site()):
        raise CommandError(
            "--mail needs an e-mail address, and SITE_URL or FRONTEND_URL."
        )
    if email:
        try:
            validate_account_email(email)
        except ValidationError as error:
            raise CommandError(f"{email}: {' '.join(error.messages)}") from error
