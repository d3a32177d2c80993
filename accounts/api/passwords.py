"""What the endpoints about passwords take."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from drf_spectacular.utils import extend_schema
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import generics, serializers, status
from rest_framework.fields import get_error_detail
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import WEAK_PASSWORD_CODES, PasswordField
from accounts.api.links import (
    DetailSerializer,
    LinkSerializer,
    LinkView,
    SavingView,
    invalid_link,
)
from accounts.models import User
from accounts.services.mails import mail_password_reset, send_soon
from accounts.services.one_time_links import InvalidLink
from accounts.services.passwords import PasswordChanged, password_change, password_reset
from mediabackend.api.throttles import ResetThrottle

_NEW_PASSWORD = {"input_type": "password", "autocomplete": "new-password"}


class PasswordChangeSerializer(serializers.Serializer[Any]):
    current_password = PasswordField()
    new_password = PasswordField(style=_NEW_PASSWORD)

    def validate_current_password(self, value: str) -> str:
        if not self.context["request"].user.check_password(value):
            raise _wrong_password()
        return value

    def save(self, **kwargs: Any) -> None:
        new_password = self.validated_data["new_password"]
        try:
            password_change(
                user=self.context["request"].user, new_password=new_password
            )
        except PasswordChanged as error:
            raise serializers.ValidationError(
                {"current_password": _wrong_password().detail}
            ) from error
        except DjangoValidationError as error:
            raise _weak_password(error) from error


class PasswordResetSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254, write_only=True)


class PasswordResetConfirmSerializer(LinkSerializer):
    new_password = PasswordField(style=_NEW_PASSWORD)

    def save(self, **kwargs: Any) -> None:
        try:
            password_reset(**self.validated_data)
        except InvalidLink as error:
            raise invalid_link() from error
        except DjangoValidationError as error:
            raise _weak_password(error) from error


def _wrong_password() -> serializers.ValidationError:
    return serializers.ValidationError("The password is wrong.", "wrong_password")


def _weak_password(error: DjangoValidationError) -> serializers.ValidationError:
    return serializers.ValidationError({"new_password": get_error_detail(error)})


RESET_ANSWER = {"detail": "If the address has an account, a mail is on its way to it."}


@extend_validation_errors(["wrong_password"], field_name="current_password")
@extend_validation_errors(WEAK_PASSWORD_CODES, field_name="new_password")
class PasswordChangeView(SavingView):
    serializer_class = PasswordChangeSerializer

    @extend_schema(summary="Change the password", responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password. Every sign-in ends, this one too: sign in again."""
        return super().post(request)


class PasswordResetView(generics.GenericAPIView[User]):
    throttle_classes = (ResetThrottle,)
    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = PasswordResetSerializer

    @extend_schema(
        summary="Ask for a mail to set a new password",
        responses={202: DetailSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Answer the same whether or not the address has an account.

        The account is looked up by the background task, not here.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        send_soon(mail_password_reset, request, serializer.validated_data["email"])
        return Response(RESET_ANSWER, status=status.HTTP_202_ACCEPTED)


@extend_validation_errors(["invalid_token"], field_name="token")
@extend_validation_errors(WEAK_PASSWORD_CODES, field_name="new_password")
class PasswordResetConfirmView(LinkView):
    serializer_class = PasswordResetConfirmSerializer

    @extend_schema(
        summary="Set a new password by the link of a mail",
        responses={204: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Set the password. The link works once; every sign-in ends."""
        return super().post(request)
