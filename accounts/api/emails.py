"""What the endpoints about e-mail addresses take."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from drf_standardized_errors.openapi_validation_errors import extend_validation_errors
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.fields import PasswordConfirmationSerializer
from accounts.api.links import DetailSerializer, LinkSerializer, LinkView, invalid_link
from accounts.managers import UserManager
from accounts.models import User
from accounts.services.email_change import AddressTaken, email_change, email_verify
from accounts.services.mails import mail_email_change, mail_verification, send_soon
from accounts.services.one_time_links import InvalidLink
from mediabackend.api.throttles import ResetThrottle


class EmailVerifySerializer(LinkSerializer):
    def save(self, **kwargs: Any) -> None:
        try:
            email_verify(**self.validated_data)
        except InvalidLink as error:
            raise invalid_link() from error


class EmailChangeSerializer(PasswordConfirmationSerializer):
    """The new address. Whether it has an account already is not said."""

    new_email = serializers.EmailField(max_length=254, write_only=True)

    def validate_new_email(self, value: str) -> str:
        value = UserManager.normalize_email(value)
        if value == self.context["request"].user.email:
            raise serializers.ValidationError(
                "This is your address already.", "unchanged"
            )
        return value


class EmailChangeConfirmSerializer(LinkSerializer):
    def save(self, **kwargs: Any) -> None:
        try:
            email_change(**self.validated_data)
        except InvalidLink as error:
            raise invalid_link() from error
        except AddressTaken as error:
            # Said to whoever reads the mail of that address, and to no other.
            taken = ErrorDetail("An account with this address exists.", "unique")
            raise serializers.ValidationError({"token": [taken]}) from error


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
