"""Endpoints about passwords."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema, extend_schema_view
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
    ActionView,
    LinkView,
    MailedLinkSerializer,
)
from accounts.models import User
from accounts.services.credentials import change_password, reset_password
from accounts.services.mails import enqueue_mail, mail_password_reset
from mediabackend.api.throttles import ResetThrottle


class PasswordChangeSerializer(serializers.Serializer[Any]):
    current_password = CurrentPasswordField()
    new_password = PasswordField(help_text=NEW_PASSWORD_HELP)


class PasswordResetRequestSerializer(serializers.Serializer[Any]):
    email = EmailField(write_only=True)


class PasswordResetSerializer(MailedLinkSerializer):
    new_password = PasswordField(help_text=NEW_PASSWORD_HELP)


RESET_ANSWER = {
    "detail": "If this e-mail address has an account, a mail has been sent to it."
}


@extend_schema_view(
    post=extend_schema(
        operation_id="auth.changePassword", summary="Change the password"
    )
)
class PasswordChangeView(ActionView):
    """Set a new password. All sign-ins end, including this one: sign in again."""

    throttle_classes = (ResetThrottle,)
    serializer_class = PasswordChangeSerializer

    def act(self, current_password: str, new_password: str) -> None:
        user = cast(User, self.request.user)
        with refusing_weak_password("new_password"):
            change_password(user=user, new_password=new_password)


class PasswordResetView(generics.GenericAPIView[User]):
    throttle_classes = (ResetThrottle,)
    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = PasswordResetRequestSerializer

    @extend_schema(
        operation_id="auth.requestPasswordReset",
        summary="Ask for a mail to set a new password",
        responses={202: AcceptedSerializer},
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


@extend_schema_view(
    post=extend_schema(
        operation_id="auth.resetPassword",
        summary="Set a new password with the link of a mail",
    )
)
class PasswordResetConfirmView(LinkView):
    """Set the password. The link works once. All sign-ins end."""

    serializer_class = PasswordResetSerializer

    def act(self, **fields: str) -> None:
        with refusing_weak_password("new_password"):
            reset_password(**fields)
