"""Endpoints about passwords."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import (
    NEW_PASSWORD_HELP,
    CurrentPasswordField,
    EmailField,
    PasswordField,
    refusing_weak_password,
)
from accounts.api.links import (
    AcceptedSerializer,
    LinkView,
    MailedLinkSerializer,
    SavingView,
)
from accounts.models import User
from accounts.services.mails import enqueue_mail, mail_password_reset
from accounts.services.passwords import change_password, reset_password
from mediabackend.api.throttles import ResetThrottle


class PasswordChangeSerializer(serializers.Serializer[Any]):
    current_password = CurrentPasswordField()
    new_password = PasswordField(help_text=NEW_PASSWORD_HELP)

    def save(self, **kwargs: Any) -> None:
        user = self.context["request"].user
        with refusing_weak_password("new_password"):
            change_password(user=user, new_password=self.validated_data["new_password"])


class PasswordResetRequestSerializer(serializers.Serializer[Any]):
    email = EmailField(write_only=True)


class PasswordResetSerializer(MailedLinkSerializer):
    new_password = PasswordField(help_text=NEW_PASSWORD_HELP)

    def save(self, **kwargs: Any) -> None:
        with refusing_weak_password("new_password"):
            reset_password(**self.validated_data)


RESET_ANSWER = {
    "detail": "If this e-mail address has an account, a mail has been sent to it."
}


class PasswordChangeView(SavingView):
    serializer_class = PasswordChangeSerializer

    @extend_schema(
        operation_id="auth.changePassword",
        summary="Change the password",
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """Set a new password. All sign-ins end, including this one: sign in again."""
        return super().post(request)


class PasswordResetView(generics.GenericAPIView[User]):
    throttle_classes = (ResetThrottle,)
    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = PasswordResetRequestSerializer

    @extend_schema(
        operation_id="auth.requestPasswordReset",
        summary="Ask for a mail to set a new password",
        responses={202: AcceptedSerializer},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Send a link for a new password, if the e-mail address has an account.

        The answer is the same whether or not it has one.
        """
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        # The task looks the account up: the time of this request must not tell.
        enqueue_mail(mail_password_reset, request, serializer.validated_data["email"])
        return Response(RESET_ANSWER, status=status.HTTP_202_ACCEPTED)


class PasswordResetConfirmView(LinkView):
    serializer_class = PasswordResetSerializer

    @extend_schema(
        operation_id="auth.resetPassword",
        summary="Set a new password with the link of a mail",
        responses={204: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Set the password. The link works once. All sign-ins end."""
        return super().post(request)
