"""Change a password, or set one by the link of a mail."""

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.emails import mail_password_reset, send_soon
from accounts.models import User
from accounts.password_serializers import (
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
)
from accounts.serializers import WEAK_PASSWORD_CODES
from mediabackend.throttles import ResetThrottle


class DetailSerializer(serializers.Serializer[Any]):
    """What a request is answered whose outcome comes by mail."""

    detail = serializers.CharField()


class SavingView(generics.GenericAPIView[User]):
    """Does what the serializer's `save` does, and answers nothing."""

    throttle_classes = (ResetThrottle,)

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(status=status.HTTP_204_NO_CONTENT)


class LinkView(SavingView):
    """Takes the token of a link in a mail: no sign-in is needed."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


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
