"""Sign in, renew, check and end, for the JSON endpoints."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.views import TokenViewBase

from accounts.api.fields import PasswordField
from accounts.models import User
from accounts.services.sign_in import check_credentials
from accounts.tokens.kinds import AccessToken, AnyToken, RefreshToken, is_current
from accounts.tokens.sessions import (
    NoActiveAccount,
    check_refresh_token,
    read_refresh_token,
    renew_session,
    start_session,
)
from mediabackend.api.parsers import JSONParser
from mediabackend.api.throttles import LoginThrottle

_MAX_TOKEN_LENGTH = 4096


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


# What these answer to bad credentials, though they need none to be called.
UNAUTHORIZED = {"POST": ["401"]}


@extend_schema_view(post=extend_schema(summary="Sign in"))
class TokenView(TokenViewBase):
    """Sign in: trade e-mail and password for an access and a refresh token."""

    serializer_class = TokenObtainSerializer
    error_statuses = UNAUTHORIZED
    throttle_classes = (LoginThrottle,)
    parser_classes = (JSONParser, FormParser)


@extend_schema_view(post=extend_schema(summary="Renew the tokens"))
class TokenRefreshView(TokenViewBase):
    """Trade a refresh token for a new pair. The used one is dead afterwards."""

    serializer_class = TokenRefreshSerializer
    error_statuses = UNAUTHORIZED
    throttle_classes = (LoginThrottle,)


@extend_schema_view(post=extend_schema(summary="Check a token"))
class TokenVerifyView(TokenViewBase):
    """Answer 200 for a token that is valid, else 401."""

    serializer_class = TokenVerifySerializer
    error_statuses = UNAUTHORIZED
