"""The kinds of tokens."""

from typing import Any

from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import UntypedToken

from accounts.tokens.keys import key_ring

# The user's `token_version` when the token was issued.
VERSION_CLAIM = "ver"

# The sign-in that a token belongs to.
SESSION_CLAIM = "sid"


class KeyRingMixin:
    """Signs and verifies with the project's keys."""

    def get_token_backend(self) -> Any:
        return key_ring()


class AnyToken(KeyRingMixin, UntypedToken):
    """A token of either kind."""


class AccessToken(KeyRingMixin, tokens.AccessToken):
    """Sent with each request; expires soon."""


class RefreshToken(KeyRingMixin, tokens.Token):
    """Traded for new tokens; see `accounts.tokens.sessions`.

    SimpleJWT's own class keeps a table of all tokens ever issued. Here one row
    stands for a sign-in, and names the one refresh token that works.
    """

    token_type = "refresh"  # noqa: S105  (the name of a kind)
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME
