"""Links in mails: their URLs, and tokens that work once and are stored nowhere.

URLs lead to the front end if there is one, else to our pages.

A token is a signature of those parts of the account that its use changes, so it works
only once (OWASP Forgot Password Cheat Sheet, "URL tokens"). Each kind has a salt of
its own, so a token of one kind does not work as another.
"""

from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin
from uuid import UUID

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.encoding import force_bytes
from django.utils.http import (
    base36_to_int,
    urlsafe_base64_decode,
    urlsafe_base64_encode,
)
from rest_framework.request import Request

from accounts.models import User

# A link that sets a password lasts an hour. Others last as long as
# PASSWORD_RESET_TIMEOUT allows.
RESET_SECONDS = 60 * 60


class InvalidLink(Exception):
    """The link is wrong, too old, or was used before."""


def find_site(request: Request | HttpRequest | None = None) -> str:
    """Return the base URL of links; empty if none is known."""
    site: str = settings.FRONTEND_URL or settings.SITE_URL
    if not site and request and settings.MAIL_LINKS_FROM_REQUEST:
        site = f"{request.scheme}://{request.get_host()}{settings.SCRIPT_NAME}"
    return site


def build_link(site: str, page: str, **parts: str) -> str:
    """Return the URL of a page: of the front end if there is one, else of ours."""
    if settings.FRONTEND_URL:
        return f"{site}/{page}?{urlencode(parts)}"
    # Both have the path of SCRIPT_NAME.
    return urljoin(site, reverse(page, args=list(parts.values())))


def encode_uid(user: User) -> str:
    """Return the user's id as it is written in links."""
    return urlsafe_base64_encode(force_bytes(user.pk))


def find_user(uid: str, *, lock: bool = False) -> User | None:
    """Return the active user of a link, or None.

    Locked, in a transaction, only one of two requests can use the link.
    """
    try:
        key = UUID(urlsafe_base64_decode(uid).decode())
    except ValueError:
        return None
    users = User.objects.select_for_update() if lock else User.objects.all()
    return users.filter(pk=key, is_active=True).first()


class _LinkTokens(PasswordResetTokenGenerator):
    # The columns of the account that a token signs.
    signed: ClassVar[tuple[str, ...]]

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        columns = (str(getattr(user, name)) for name in self.signed)
        return "|".join((str(user.pk), str(timestamp), *columns))

    def state_of(self, user: User, more: str = "") -> str:
        """Return a hash of what the tokens depend on; they work until it changes."""
        state = f"{self._make_hash_value(user, 0)}|{more}"
        return salted_hmac(self.key_salt, state, algorithm="sha256").hexdigest()


class PasswordResetTokens(_LinkTokens):
    key_salt = "accounts.password-reset"
    signed = ("password", "last_login", "token_version", "email")

    def check_token(self, user: Any, token: str | None) -> bool:
        if not super().check_token(user, token):
            return False
        made = base36_to_int(str(token).partition("-")[0])
        return self._num_seconds(self._now()) - made <= RESET_SECONDS


class VerificationTokens(_LinkTokens):
    key_salt = "accounts.email-verification"
    signed = ("email_verified", "email")


class EmailChangeTokens(_LinkTokens):
    """Contain the new e-mail, and sign the old one."""

    key_salt = "accounts.email-change.old"
    signed = ("password", "token_version", "email")
    _salt = "accounts.email-change.new"

    def make_token(self, user: Any, new_email: str) -> str:  # type: ignore[override]
        content = {"to": new_email, "token": super().make_token(user)}
        return signing.dumps(content, salt=self._salt)

    def read_token(self, user: User, token: str | None) -> str | None:
        """Return the new e-mail, or None for a token that is not valid."""
        try:
            content = signing.loads(token or "", salt=self._salt)
        except signing.BadSignature:
            return None
        if not super().check_token(user, content["token"]):
            return None
        return str(content["to"])

    def check_token(self, user: Any, token: str | None) -> bool:
        return self.read_token(user, token) is not None


password_reset_tokens = PasswordResetTokens()
verification_tokens = VerificationTokens()
email_change_tokens = EmailChangeTokens()
