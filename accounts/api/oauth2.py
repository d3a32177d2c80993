"""The resource owner password credentials grant, RFC 6749 section 4.3."""

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

from accounts.api.fields import PasswordField
from accounts.email_field import MAX_EMAIL_LENGTH
from accounts.services.sign_in import sign_in_user
from accounts.tokens.sessions import NoActiveAccount
from mediabackend.api.throttles import LoginThrottle

# RFC 6749, section 5.1: neither tokens nor errors may be cached.
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class PasswordGrantSerializer(serializers.Serializer[Any]):
    grant_type = serializers.CharField(required=False, default="password")
    username = serializers.CharField(
        help_text="The e-mail address.", max_length=MAX_EMAIL_LENGTH
    )
    password = PasswordField()
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

    error = serializers.ChoiceField(
        choices=["invalid_request", "invalid_grant", "unsupported_grant_type"]
    )
    error_description = serializers.CharField()


class OAuth2Error(Exception):
    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}


class LoginView(APIView):
    """Sign in with a form, as OAuth2 clients and Swagger UI do.

    `grant_type` is `password` and may be left out. Client credentials in the header
    or in the form are ignored: there are no confidential clients.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = (FormParser,)
    throttle_classes = (LoginThrottle,)

    @extend_schema(
        summary="Sign in by form (OAuth2 password grant)",
        request={"application/x-www-form-urlencoded": PasswordGrantSerializer},
        responses={
            200: BearerTokenSerializer,
            400: OpenApiResponse(
                OAuth2ErrorSerializer, "Wrong credentials or a bad request."
            ),
        },
        auth=[],
    )
    def post(self, request: Request) -> Response:
        username, password = _read_form(request)
        tokens = sign_in_user(request, email=username, password=password)
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
        if isinstance(exc, OAuth2Error):
            return Response(exc.body, status=400, headers=NO_STORE)
        return super().handle_exception(exc)


def _read_form(request: Request) -> tuple[str, str]:
    """Return the user name and the password; raises OAuth2Error."""
    # A request without a body and a type has an empty dictionary instead.
    data = request.data if isinstance(request.data, QueryDict) else QueryDict()
    if any(len(values) > 1 for _, values in data.lists()):
        raise OAuth2Error("invalid_request", "A parameter appears more than once.")
    if (data.get("grant_type") or "password") != "password":
        raise OAuth2Error("unsupported_grant_type", "Use grant_type=password.")
    form = PasswordGrantSerializer(data=data)
    if not form.is_valid():
        names = ", ".join(sorted(form.errors))
        raise OAuth2Error("invalid_request", f"Missing or invalid: {names}.")
    return form.validated_data["username"], form.validated_data["password"]


class BearerScheme(OpenApiAuthenticationExtension):
    """Lets Swagger UI's Authorize dialog sign in with e-mail and password."""

    target_class = "accounts.tokens.authentication.TokenAuthentication"
    name = "bearer"
    # Before the extension of drf-spectacular, which knows no password form.
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "oauth2",
            "description": "Sign in with your e-mail address and your password. "
            "Leave the client's id and secret empty.",
            "flows": {"password": {"tokenUrl": reverse("login"), "scopes": {}}},
        }
