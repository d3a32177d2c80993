"""What the endpoints about e-mail addresses take."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.addresses import AddressTaken, email_change, email_verify
from accounts.managers import UserManager
from accounts.one_time_tokens import InvalidLink
from accounts.password_serializers import LinkSerializer, invalid_link
from accounts.serializers import PasswordConfirmationSerializer


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
