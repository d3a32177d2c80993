"""What the endpoints about passwords take."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.fields import get_error_detail

from accounts.one_time_tokens import InvalidLink
from accounts.passwords import PasswordChanged, password_change, password_reset
from accounts.serializers import PasswordField

_NEW_PASSWORD = {"input_type": "password", "autocomplete": "new-password"}


def invalid_link() -> serializers.ValidationError:
    """Return the error of every link that is wrong, too old or used."""
    text = "The link is not valid: it is too old, was used before, or is incomplete."
    return serializers.ValidationError({"token": [ErrorDetail(text, "invalid_token")]})


class LinkSerializer(serializers.Serializer[Any]):
    """The two parts of a link in a mail."""

    uid = serializers.CharField(max_length=100, write_only=True)
    token = serializers.CharField(max_length=1000, write_only=True)


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
