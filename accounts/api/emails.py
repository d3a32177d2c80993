"""Endpoints about e-mail addresses."""

from typing import cast

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.fields import EmailField, PasswordConfirmationSerializer
from accounts.api.links import AcceptedSerializer, LinkView
from accounts.models import User
from accounts.services.credentials import change_email, verify_email
from accounts.services.mails import enqueue_mail, mail_email_change, mail_verification
from mediabackend.api.throttles import ResetThrottle


class EmailChangeSerializer(PasswordConfirmationSerializer):
    """The new e-mail address. The answer does not tell whether it has an account."""

    new_email = EmailField(write_only=True)

    def validate_new_email(self, value: str) -> str:
        if value == self.context["request"].user.email:
            raise serializers.ValidationError(
                "This is your e-mail address already.", "unchanged"
            )
        return value


@extend_schema_view(
    post=extend_schema(
        operation_id="auth.verifyEmail",
        summary="Verify an e-mail address with the link of a mail",
    )
)
class EmailVerifyView(LinkView):
    """Mark the e-mail address as verified. The link works once."""

    act = staticmethod(verify_email)


class EmailResendView(APIView):
    throttle_classes = (ResetThrottle,)

    @extend_schema(
        operation_id="auth.resendVerification",
        summary="Ask for another verification mail",
        request=None,
        responses={202: AcceptedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send the mail again, unless the e-mail address is verified already."""
        enqueue_mail(mail_verification, request, cast(User, request.user).email)
        answer = {
            "detail": "Unless your e-mail address is verified, a mail has been sent."
        }
        return Response(answer, status=status.HTTP_202_ACCEPTED)


class EmailChangeView(generics.GenericAPIView[User]):
    throttle_classes = (ResetThrottle,)
    serializer_class = EmailChangeSerializer

    @extend_schema(
        operation_id="auth.requestEmailChange",
        summary="Ask to change the e-mail address",
        responses={202: AcceptedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send a link to the new e-mail address, and a notice to the old one."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        new_email = serializer.validated_data["new_email"]
        enqueue_mail(mail_email_change, request, str(request.user.pk), new_email)
        answer = {"detail": "Open the link in the mail to your new e-mail address."}
        return Response(answer, status=status.HTTP_202_ACCEPTED)


@extend_schema_view(
    post=extend_schema(
        operation_id="auth.changeEmail",
        summary="Change the e-mail address with the link of a mail",
    )
)
class EmailChangeConfirmView(LinkView):
    """Set the new e-mail address, as verified. The link works once."""

    act = staticmethod(change_email)
