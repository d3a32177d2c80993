"""Fields for e-mails and passwords."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.fields import get_error_detail

from accounts.email_field import (
    MAX_EMAIL_LENGTH,
    normalize_email,
    validate_account_email,
)
from accounts.services.credentials import MAX_PASSWORD_LENGTH

MAX_TOKEN_LENGTH = 4096
NEW_PASSWORD_HELP = f"8 to {MAX_PASSWORD_LENGTH} characters (Unicode code points)."


class EmailField(serializers.EmailField):
    """An e-mail of an account; one error says what is wrong with it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_EMAIL_LENGTH, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        try:
            validate_account_email(value)
        except ValidationError as error:
            raise serializers.ValidationError(get_error_detail(error)) from error
        return normalize_email(value)


@contextmanager
def refusing_weak_password(field: str) -> Iterator[None]:
    """Turn what Django's password validators raise into errors of `field`."""
    try:
        yield
    except ValidationError as error:
        detail = get_error_detail(error)
        raise serializers.ValidationError({field: detail}) from error


class PasswordField(serializers.CharField):
    """A password, taken exactly as typed and never returned."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            write_only=True,
            trim_whitespace=False,
            max_length=MAX_PASSWORD_LENGTH,
            style={"input_type": "password"},
            **kwargs,
        )


class CurrentPasswordField(PasswordField):
    """The caller's current password; any other one is refused."""

    def run_validators(self, value: Any) -> None:
        super().run_validators(value)
        if not self.context["request"].user.check_password(value):
            raise serializers.ValidationError(
                "The password is wrong.", "wrong_password"
            )


class PasswordConfirmationSerializer(serializers.Serializer[Any]):
    """The caller's current password, for actions that cannot be undone."""

    password = CurrentPasswordField()
