"""Issue and renew JSON Web Tokens on SimpleJWT."""

from typing import Any, cast

from django.contrib.auth import authenticate
from django.contrib.auth.models import update_last_login
from django.db import transaction
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import RefreshToken, UntypedToken

from accounts.models import User
from accounts.serializers import PasswordField


def issue_tokens(user: User) -> dict[str, str]:
    """Return a new `access` and `refresh` token and note the sign-in."""
    refresh = RefreshToken.for_user(user)
    update_last_login(cast(Any, None), cast(Any, user))
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


def check_credentials(request: Request, email: str, password: str) -> User | None:
    """Return the active user with these credentials, or None.

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
        user = check_credentials(
            self.context["request"], attrs["email"], attrs["password"]
        )
        if user is None:
            raise AuthenticationFailed(
                "No active account has these credentials.", "no_active_account"
            )
        return issue_tokens(user)


class TokenRefreshSerializer(serializers.Serializer[Any]):
    """Trade a refresh token for a new pair; the used one is dead afterwards."""

    # Read from the form without the write-only flag: the new token comes back
    # under the same name.
    refresh = serializers.CharField(max_length=4096)
    access = serializers.CharField(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            used = RefreshToken(attrs["refresh"])
        except TokenError as error:
            raise InvalidToken(error.args[0]) from error
        user = User.objects.filter(
            pk=used[api_settings.USER_ID_CLAIM], is_active=True
        ).first()
        if user is None:
            raise AuthenticationFailed(
                "No active account has this token.", "no_active_account"
            )
        with transaction.atomic():
            # The stubs know nothing of the flag that get_or_create adds.
            _, first_use = cast(tuple[Any, bool], used.blacklist())
            if not first_use:
                # Another request with the same token came first.
                raise InvalidToken("Token is blacklisted")
            new = RefreshToken.for_user(user)
        return {"access": str(new.access_token), "refresh": str(new)}


class TokenVerifySerializer(serializers.Serializer[Any]):
    """Accept a token of either type that is valid and not blacklisted."""

    token = serializers.CharField(write_only=True, max_length=4096)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        try:
            token = UntypedToken(attrs["token"])
            if token[api_settings.TOKEN_TYPE_CLAIM] == RefreshToken.token_type:
                RefreshToken(attrs["token"])
            user_id = token.get(api_settings.USER_ID_CLAIM)
            if not User.objects.filter(pk=user_id, is_active=True).exists():
                raise TokenError("No active account has this token.")
        except TokenError as error:
            raise InvalidToken(error.args[0]) from error
        return {}
