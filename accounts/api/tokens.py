"""Endpoints to sign in, and to renew and check tokens."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
    extend_schema_view,
)
from rest_framework import serializers
from rest_framework.parsers import FormParser
from rest_framework_simplejwt.views import TokenViewBase

from accounts.api.fields import MAX_TOKEN_LENGTH, PasswordField
from accounts.email_field import MAX_EMAIL_LENGTH
from accounts.tokens.authentication import authenticate_token
from accounts.tokens.kinds import AnyToken, RefreshToken
from accounts.tokens.sessions import check_refresh_token, renew_session, sign_in_user
from mediabackend.api.parsers import JSONParser
from mediabackend.api.throttles import LoginThrottle


class TokensSerializer(serializers.Serializer[Any]):
    """An access token and the refresh token that renews it."""

    access = serializers.CharField()
    refresh = serializers.CharField()


@extend_schema_serializer(component_name="SignIn")
class TokenObtainSerializer(serializers.Serializer[Any]):
    """The account to sign in to."""

    email = serializers.CharField(write_only=True, max_length=MAX_EMAIL_LENGTH)
    password = PasswordField()
    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return sign_in_user(self.context["request"], **attrs)


class TokenRefreshSerializer(serializers.Serializer[Any]):
    """Trade a refresh token for a new pair. It works only once."""

    # Not write-only: the answer has the new one under the same name.
    refresh = serializers.CharField(max_length=MAX_TOKEN_LENGTH)
    access = serializers.CharField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return renew_session(attrs["refresh"], self.context["request"])


@extend_schema_serializer(component_name="TokenCheck")
class TokenVerifySerializer(serializers.Serializer[Any]):
    """Accept access tokens and refresh tokens that still work."""

    token = serializers.CharField(write_only=True, max_length=MAX_TOKEN_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        token = AnyToken(attrs["token"])
        if token["token_type"] == RefreshToken.token_type:
            check_refresh_token(attrs["token"])
        else:
            authenticate_token(token)
        return {}


class RefreshTokenSerializer(serializers.Serializer[Any]):
    """The refresh token of a sign-in."""

    refresh = serializers.CharField(write_only=True, max_length=MAX_TOKEN_LENGTH)


# The answer to bad credentials in the body. Calling these needs no sign-in.
UNAUTHORIZED = {"post": ["401"]}


@extend_schema_view(
    post=extend_schema(
        operation_id="auth.signIn",
        summary="Sign in",
        # A form is taken too.
        request={"application/json": TokenObtainSerializer},
        responses=TokensSerializer,
    )
)
class TokenView(TokenViewBase):
    """Sign in: trade an e-mail address and a password for two tokens."""

    serializer_class = TokenObtainSerializer
    error_statuses = UNAUTHORIZED
    throttle_classes = (LoginThrottle,)
    parser_classes = (JSONParser, FormParser)


@extend_schema_view(
    post=extend_schema(
        operation_id="auth.refresh",
        summary="Renew the tokens",
        request=RefreshTokenSerializer,
        responses=TokensSerializer,
    )
)
class TokenRefreshView(TokenViewBase):
    """Trade a refresh token for a new pair of tokens. It works only once."""

    serializer_class = TokenRefreshSerializer
    error_statuses = UNAUTHORIZED
    throttle_classes = (LoginThrottle,)


@extend_schema_view(
    post=extend_schema(
        operation_id="auth.verify",
        summary="Check a token",
        responses=OpenApiResponse(OpenApiTypes.OBJECT, "The token works."),
    )
)
class TokenVerifyView(TokenViewBase):
    """Answer 200 for a token that still works, otherwise 401."""

    serializer_class = TokenVerifySerializer
    error_statuses = UNAUTHORIZED
