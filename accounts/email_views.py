"""Verify an e-mail address, or change it."""

from typing import cast

from drf_spectacular.utils import extend_schema
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.email_serializers import (
    EmailChangeConfirmSerializer,
    EmailChangeSerializer,
    EmailVerifySerializer,
)
from accounts.emails import mail_email_change, mail_verification, send_soon
from accounts.models import User
from accounts.password_views import DetailSerializer, LinkView
from mediabackend.throttles import ResetThrottle


@extend_validation_errors(["invalid_token"], field_name="token")
class EmailVerifyView(LinkView):
    serializer_class = EmailVerifySerializer

    @extend_schema(
        summary="Verify an address by the link of a mail",
        responses={204: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Note that the address is proved. The link works once."""
        return super().post(request)


class EmailResendView(APIView):
    throttle_classes = (ResetThrottle,)

    @extend_schema(
        summary="Ask for another verification mail",
        request=None,
        responses={202: DetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Send the mail again, unless the address is verified already."""
        send_soon(mail_verification, request, cast(User, request.user).email)
        answer = {"detail": "Unless your address is verified, a mail is on its way."}
        return Response(answer, status=status.HTTP_202_ACCEPTED)


@extend_validation_errors(["wrong_password"], field_name="password")
@extend_validation_errors(["unchanged"], field_name="new_email")
class EmailChangeView(generics.GenericAPIView[User]):
    throttle_classes = (ResetThrottle,)
    serializer_class = EmailChangeSerializer

    @extend_schema(
        summary="Ask to change the e-mail address", responses={202: DetailSerializer}
    )
    def post(self, request: Request) -> Response:
        """Send a link to the new address, and a notice to the old one."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        new_email = serializer.validated_data["new_email"]
        send_soon(mail_email_change, request, str(request.user.pk), new_email)
        answer = {"detail": "Open the link in the mail to the new address."}
        return Response(answer, status=status.HTTP_202_ACCEPTED)


@extend_validation_errors(["invalid_token", "unique"], field_name="token")
class EmailChangeConfirmView(LinkView):
    serializer_class = EmailChangeConfirmSerializer

    @extend_schema(
        summary="Change the address by the link of a mail",
        responses={204: None},
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Put the new address in place, as verified. The link works once."""
        return super().post(request)
