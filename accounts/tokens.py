"""The two kinds of tokens, and who a token stands for."""

from typing import Any
from uuid import UUID

from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.settings import api_settings

from accounts.jwt_keys import key_ring
from accounts.models import User

# The user's `token_version` at the time of issue.
VERSION_CLAIM = "ver"
# The sign-in that a token belongs to.
SESSION_CLAIM = "sid"


class KeyRingMixin:
    """Signs and verifies with the project's keys."""

    def get_token_backend(self) -> Any:
        return key_ring()


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


class TokenAuthentication(JWTAuthentication):
    """Checks the token against the user's row, which is read anyway."""

    def get_user(self, validated_token: Any) -> Any:
        """Return whom the token stands for; raises AuthenticationFailed."""
        try:
            user = User.objects.by_id(UUID(validated_token["user_id"]))
        except (KeyError, ValueError) as error:
            raise InvalidToken("The token names nobody.") from error
        except User.DoesNotExist as error:
            raise AuthenticationFailed("User not found", "user_not_found") from error
        if not user.is_active:
            raise AuthenticationFailed("User is inactive", "user_inactive")
        if not is_current(user, validated_token):
            raise AuthenticationFailed("The token was revoked.", "token_revoked")
        return user
