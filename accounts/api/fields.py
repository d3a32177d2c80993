"""What the account endpoints take and give."""

from typing import Any

from rest_framework import serializers

from accounts.services.passwords import MAX_PASSWORD_LENGTH

# What AUTH_PASSWORD_VALIDATORS answer, for the OpenAPI document.
WEAK_PASSWORD_CODES = [
    "password_entirely_numeric",
    "password_too_common",
    "password_too_short",
    "password_too_similar",
]


class PasswordField(serializers.CharField):
    """A password: taken exactly as typed, never given back."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["write_only"] = True
        kwargs["trim_whitespace"] = False
        kwargs.setdefault("max_length", MAX_PASSWORD_LENGTH)
        kwargs.setdefault(
            "style", {"input_type": "password", "autocomplete": "current-password"}
        )
        super().__init__(**kwargs)


class PasswordConfirmationSerializer(serializers.Serializer[Any]):
    """The caller's current password, for what cannot be undone."""

    password = PasswordField()

    def validate_password(self, value: str) -> str:
        if not self.context["request"].user.check_password(value):
            raise serializers.ValidationError(
                "The password is wrong.", "wrong_password"
            )
        return value
