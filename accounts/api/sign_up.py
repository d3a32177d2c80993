"""The endpoint for sign-ups."""

from typing import Any

from django.conf import settings
from django.contrib.auth import password_validation
from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import (
    WEAK_PASSWORD_CODES,
    EmailField,
    PasswordField,
    refusing_weak_password,
)
from accounts.api.links import DetailSerializer
from accounts.api.profile import UserSerializer
from accounts.models import User
from accounts.models.attempts import remember_network
from accounts.services.mails import enqueue_mail, mail_email_taken, mail_verification
from accounts.tokens.sessions import start_session
from mediabackend.api.text import TextModelSerializer
from mediabackend.api.throttles import SignupThrottle
from mediabackend.db.ids import uuid7


class SignupSerializer(TextModelSerializer[User]):
    """Create an account; the code `unique` means that the e-mail has one already."""

    # Only the database checks that the e-mail is unique, when it writes the row:
    # a look-up before that would be a race.
    email = EmailField()
    password = PasswordField()

    class Meta:
        model = User
        fields = ("email", "password", "display_name")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        candidate = User(
            email=attrs["email"], display_name=attrs.get("display_name", "")
        )
        with refusing_weak_password("password"):
            password_validation.validate_password(attrs["password"], candidate)
        return attrs

    def create(self, validated_data: dict[str, Any]) -> User:
        key = uuid7()
        try:
            with transaction.atomic():
                return User.objects.create_user(id=key, **validated_data)
        except IntegrityError as error:
            taken = ErrorDetail("This e-mail address has an account already.", "unique")
            raise serializers.ValidationError({"email": [taken]}) from error
        finally:
            # Also if there is no such user: the time must not tell.
            remember_network(key)


class SignupAnswerSerializer(serializers.Serializer[Any]):
    """The answer to a sign-up, for the OpenAPI document."""

    user = UserSerializer()
    access = serializers.CharField()
    refresh = serializers.CharField()


@extend_validation_errors(["unique"], field_name="email")
@extend_validation_errors(WEAK_PASSWORD_CODES, field_name="password")
class SignupView(generics.GenericAPIView[User]):
    """Create an account and sign in.

    With SIGNUP_ENUMERATION_SAFE the answer is always 202, also for an e-mail address
    that has an account already. A mail to that address says what happened.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (SignupThrottle,)
    serializer_class = SignupSerializer

    @extend_schema(
        summary="Create an account",
        responses={201: SignupAnswerSerializer, 202: DetailSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if settings.SIGNUP_ENUMERATION_SAFE:
            return self._sign_up_silently(serializer, request)
        user = serializer.save()
        enqueue_mail(mail_verification, request, user.email)
        answer = {"user": UserSerializer(user).data, **start_session(user, request)}
        return Response(answer, status=status.HTTP_201_CREATED)

    def _sign_up_silently(self, serializer: Any, request: Request) -> Response:
        """Do the same work for new and known e-mails: one hash, one insert."""
        email, mail = serializer.validated_data["email"], mail_verification
        try:
            serializer.save()
        except serializers.ValidationError:
            mail = mail_email_taken
        enqueue_mail(mail, request, email)
        answer = {"detail": "A mail has been sent to this e-mail address."}
        return Response(answer, status=status.HTTP_202_ACCEPTED)
