"""The endpoint for sign-ups."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import password_validation
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import (
    NEW_PASSWORD_HELP,
    EmailField,
    PasswordField,
    refusing_weak_password,
)
from accounts.api.links import AcceptedSerializer
from accounts.api.profile import UserSerializer
from accounts.api.tokens import TokensSerializer
from accounts.models import User
from accounts.services.credentials import EmailTaken
from accounts.services.sign_up import SIGNUP_TEXTS, check_signup_open, sign_up_user
from accounts.tokens.sessions import start_session
from mediabackend.api.text import TextField, TextModelSerializer
from mediabackend.api.throttles import AnonymousReadThrottle, SignupThrottle

_MAILED = {
    "detail": "A mail has been sent to this e-mail address, unless the invitation "
    "was mailed to it."
}


class SignUpSerializer(TextModelSerializer[User]):
    """Create an account; the code `unique` means that the e-mail has one already."""

    # Only the database checks that the e-mail is unique, when it writes the row:
    # a look-up before that would be a race.
    email = EmailField()
    password = PasswordField(help_text=NEW_PASSWORD_HELP)
    invitation = TextField(
        required=False,
        allow_blank=True,
        max_length=100,
        write_only=True,
        help_text="From the link of an invitation. Needed if people sign up by "
        "invitation; otherwise may be left out.",
    )

    class Meta:
        model = User
        fields = ("email", "password", "display_name", "invitation")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        candidate = User(
            email=attrs["email"], display_name=attrs.get("display_name", "")
        )
        with refusing_weak_password("password"):
            password_validation.validate_password(attrs["password"], candidate)
        return attrs


class SignedUpSerializer(TokensSerializer):
    """The new account, signed in."""

    user = UserSerializer()


class SignUpModeSerializer(serializers.Serializer[Any]):
    """Who can sign up: everybody, people with an invitation, or nobody."""

    signup = serializers.ChoiceField(choices=list(SIGNUP_TEXTS))


class SignupView(generics.GenericAPIView[User]):
    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (SignupThrottle, AnonymousReadThrottle)
    serializer_class = SignUpSerializer
    error_statuses: ClassVar[dict[str, list[str]]] = {"post": ["403"]}

    @extend_schema(
        operation_id="auth.getSignUpMode",
        summary="Who can sign up",
        responses={200: SignUpModeSerializer},
    )
    def get(self, request: Request) -> Response:
        """Tell whether everybody, people with an invitation or nobody can sign up."""
        return Response({"signup": settings.SIGNUP})

    @extend_schema(
        operation_id="auth.signUp",
        summary="Create an account",
        responses={201: SignedUpSerializer, 202: AcceptedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create an account and sign in.

        With SIGNUP_ENUMERATION_SAFE the answer is always 202, also for an e-mail
        address that has an account already. A mail to that address says what happened.
        """
        check_signup_open()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            user = sign_up_user(request, **serializer.validated_data)
        except EmailTaken as error:
            taken = ErrorDetail("This e-mail address has an account already.", "unique")
            raise serializers.ValidationError({"email": [taken]}) from error
        if user is None:
            return Response(_MAILED, status=status.HTTP_202_ACCEPTED)
        answer = {"user": UserSerializer(user).data, **start_session(user, request)}
        return Response(answer, status=status.HTTP_201_CREATED)


def describe_signup(result: Any, **kwargs: Any) -> Any:
    """Say in the OpenAPI document who can sign up."""
    result["info"]["description"] += f" {SIGNUP_TEXTS[settings.SIGNUP]}"
    return result
