"""The two kinds of tokens, and who a token stands for."""

from typing import Any

from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import UntypedToken

from accounts.tokens.keys import key_ring

# The user's `token_version` at the time of issue.
VERSION_CLAIM = "ver"


# The sign-in that a token belongs to.
SESSION_CLAIM = "sid"


class KeyRingMixin:
    """Signs and verifies with the project's keys."""

    def get_token_backend(self) -> Any:
        return key_ring()


class AnyToken(KeyRingMixin, UntypedToken):
    """A token of either type."""


class AccessToken(KeyRingMixin, tokens.AccessToken):
    """Sent with each request; short-lived."""


class RefreshToken(KeyRingMixin, tokens.Token):
    """Traded for new tokens; see `accounts.sessions`.

    Not SimpleJWT's own, which keeps a table of every token ever issued: here
    one row stands for a sign-in and knows the one refresh token that is alive.
    """

    token_type = "refresh"  # noqa: S105  (the name of a kind)
    lifetime = api_settings.REFRESH_TOKEN_LIFETIME


def is_current(user: Any, claims: Any) -> bool:
    """Say whether the user may still use a token with these claims."""
    return bool(user.is_active) and claims.get(VERSION_CLAIM) == user.token_version
