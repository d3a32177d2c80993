"""Signing in and renewing tokens with forms, RFC 6749 sections 4.3 and 6."""

from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.parsers import FormParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import InvalidToken

from accounts.api.fields import MAX_TOKEN_LENGTH, PasswordField
from accounts.email_field import MAX_EMAIL_LENGTH
from accounts.tokens.sessions import NoActiveAccount, renew_session, sign_in_user
from mediabackend.api.throttles import LoginThrottle

ERROR_CODES = ["invalid_request", "invalid_grant", "unsupported_grant_type"]
# RFC 6749, section 5.1: neither tokens nor errors may be cached.
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# The fields that a grant needs.
GRANTS = {"password": {"username", "password"}, "refresh_token": {"refresh_token"}}


class LoginFormSerializer(serializers.Serializer[Any]):
    """The fields of both grants in one form."""

    grant_type = serializers.ChoiceField(
        choices=list(GRANTS), required=False, default="password"
    )
    username = serializers.CharField(
        required=False,
        max_length=MAX_EMAIL_LENGTH,
        help_text="The e-mail address. Needed for `password`.",
    )
    password = PasswordField(required=False, help_text="Needed for `password`.")
    refresh_token = serializers.CharField(
        required=False,
        max_length=MAX_TOKEN_LENGTH,
        help_text="Needed for `refresh_token`.",
    )
    scope = serializers.CharField(
        required=False, allow_blank=True, help_text="Ignored: there are no scopes."
    )


class BearerTokenSerializer(serializers.Serializer[Any]):
    """A successful answer, RFC 6749 section 5.1."""

    access_token = serializers.CharField()
    token_type = serializers.CharField(default="bearer")
    expires_in = serializers.IntegerField(help_text="Seconds.")
    refresh_token = serializers.CharField()


class OAuth2ErrorSerializer(serializers.Serializer[Any]):
    """An error answer, RFC 6749 section 5.2."""

    error = serializers.ChoiceField(choices=ERROR_CODES)
    error_description = serializers.CharField()


class OAuth2Error(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class LoginView(APIView):
    """Sign in, or renew the tokens, with a form, as OAuth2 clients do.

    Without a `grant_type` it is `password`. With `refresh_token` the refresh token
    works once, as in `auth/token/refresh/`. Client credentials in the header or in the
    form are ignored: there are no confidential clients.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (FormParser,)
    throttle_classes = (LoginThrottle,)

    @extend_schema(
        operation_id="auth.signInByForm",
        summary="Sign in or renew the tokens by form (OAuth2)",
        request={"application/x-www-form-urlencoded": LoginFormSerializer},
        responses={
            200: BearerTokenSerializer,
            400: OpenApiResponse(
                OAuth2ErrorSerializer,
                "Wrong credentials, a refresh token that does not work, or a bad "
                "request.",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        tokens = _carry_out_grant(request)
        answer = {
            "access_token": tokens["access"],
            "token_type": "bearer",
            "expires_in": settings.ACCESS_TOKEN_EXPIRE_MINUTES * 60,
            "refresh_token": tokens["refresh"],
        }
        return Response(answer, headers=NO_STORE)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, exceptions.ParseError | exceptions.UnsupportedMediaType):
            exc = OAuth2Error("invalid_request", str(exc.detail))
        if isinstance(exc, NoActiveAccount):
            description = "No active account has these credentials."
            exc = OAuth2Error("invalid_grant", description)
        if isinstance(exc, InvalidToken):
            detail: Any = exc.detail
            exc = OAuth2Error("invalid_grant", str(detail["detail"]))
        if isinstance(exc, OAuth2Error):
            return Response(exc.body, status=400, headers=NO_STORE)
        return super().handle_exception(exc)


def _carry_out_grant(request: Request) -> dict[str, str]:
    """Return an access and a refresh token; raises OAuth2Error for a bad form."""
    # A request without a body and a type has an empty dictionary instead.
    data = request.data if isinstance(request.data, QueryDict) else QueryDict()
    if any(len(values) > 1 for _, values in data.lists()):
        raise OAuth2Error("invalid_request", "A parameter appears more than once.")
    grant = data.get("grant_type") or "password"
    if grant not in GRANTS:
        raise OAuth2Error(
            "unsupported_grant_type", "Use grant_type=password or refresh_token."
        )
    form = LoginFormSerializer(data=data)
    # The fields of the other grant are ignored, and those of this one are required.
    for name in form.fields.keys() - GRANTS[grant] - {"scope"}:
        del form.fields[name]
    for name in GRANTS[grant]:
        form.fields[name].required = True
    if not form.is_valid():
        names = ", ".join(sorted(form.errors))
        raise OAuth2Error("invalid_request", f"Missing or invalid: {names}.")
    fields = form.validated_data
    if grant == "refresh_token":
        return renew_session(fields["refresh_token"], request)
    return sign_in_user(request, email=fields["username"], password=fields["password"])


class BearerScheme(OpenApiAuthenticationExtension):
    """Lets Swagger UI's Authorize dialog sign in with e-mail and password."""

    target_class = "accounts.tokens.authentication.TokenAuthentication"
    name = "bearer"
    # Before the extension of drf-spectacular, which knows no password form.
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        url = reverse("login")
        return {
            "type": "oauth2",
            "description": "Sign in with your e-mail address as the username, and "
            "with your password.",
            "flows": {"password": {"tokenUrl": url, "refreshUrl": url, "scopes": {}}},
        }
