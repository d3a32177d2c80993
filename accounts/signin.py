"""Sign in, renew, check and end, for the JSON endpoints."""

from typing import Any

from django.contrib.auth import authenticate
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.tokens import UntypedToken

from accounts.models import User
from accounts.serializers import PasswordField
from accounts.sessions import (
    NoActiveAccount,
    check_refresh_token,
    read_refresh_token,
    renew_session,
    start_session,
)
from accounts.tokens import AccessToken, KeyRingMixin, RefreshToken, is_current

_MAX_TOKEN_LENGTH = 4096


def check_credentials(request: Request, email: str, password: str) -> User | None:
    """Return the active user with these credentials, or None; raises LockedOut.

    An unknown address costs one hash too (Django's ModelBackend sees to that),
    so the time does not tell which of the two was wrong.
    """
    return authenticate(request, username=email, password=password)


class TokenObtainSerializer(serializers.Serializer[Any]):
    email = serializers.CharField(write_only=True, max_length=254)
    password = PasswordField()
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        request = self.context["request"]
        user = check_credentials(request, attrs["email"], attrs["password"])
        if user is None:
            raise NoActiveAccount
        return start_session(user, request)


class TokenRefreshSerializer(serializers.Serializer[Any]):
    """Trade a refresh token for a new pair; the used one is dead afterwards."""

    # Without the write-only flag: the new one comes back under the same name.
    refresh = serializers.CharField(max_length=_MAX_TOKEN_LENGTH)
    access = serializers.CharField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return renew_session(attrs["refresh"], self.context["request"])


class AnyToken(KeyRingMixin, UntypedToken):
    """A token of either type."""


class TokenVerifySerializer(serializers.Serializer[Any]):
    """Accept a token of either type that would be accepted where it belongs."""

    token = serializers.CharField(write_only=True, max_length=_MAX_TOKEN_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            token = AnyToken(attrs["token"])
        except TokenError as error:
            raise InvalidToken(error.args[0]) from error
        if token["token_type"] == RefreshToken.token_type:
            check_refresh_token(read_refresh_token(attrs["token"]))
            return {}
        user = User.objects.filter(pk=token["user_id"]).first()
        if token["token_type"] != AccessToken.token_type or not (
            user and is_current(user, token)
        ):
            raise InvalidToken("The token was revoked.")
        return {}


class RefreshTokenSerializer(serializers.Serializer[Any]):
    refresh = serializers.CharField(write_only=True, max_length=_MAX_TOKEN_LENGTH)
