"""What the account endpoints take and give."""

from typing import Any, ClassVar

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, NotAuthenticated
from rest_framework.fields import get_error_detail

from accounts.managers import UserManager, validate_address
from accounts.models import Session, User
from mediabackend.text import TextModelSerializer

# Longer ones are refused before they cost a hash; bcrypt itself never sees
# more than the 44 bytes of a SHA-256 digest in base64.
MAX_PASSWORD_LENGTH = 1024

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


class UserSerializer(TextModelSerializer[User]):
    """The caller's own profile."""

    class Meta:
        model = User
        fields = [
            "id",
            "email",
            "email_verified",
            "display_name",
            "image_count",
            "date_joined",
        ]
        read_only_fields = [name for name in fields if name != "display_name"]

    def to_representation(self, instance: User) -> dict[str, Any]:
        # The columns as they are. Making the fields to ask them takes much longer.
        return {name: getattr(instance, name) for name in self.Meta.fields}

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        # Not `save()`: the other columns may have moved since they were read, and
        # the account may be gone. An update of nothing finds no row either.
        rows = User.objects.filter(pk=instance.pk)
        # The name stands in the images' answers.
        changes = {**validated_data, **User.next_images_version()}
        if validated_data and not rows.update(**changes):
            raise NotAuthenticated
        return instance


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A sign-in: where from, with what, when."""

    class Meta:
        model = Session
        fields = [
            "id",
            "created_at",
            "last_used_at",
            "expires_at",
            "revoked_at",
            "address",
            "agent",
        ]
        read_only_fields = fields


class OwnerSerializer(serializers.ModelSerializer[User]):
    """What others may know of a user."""

    class Meta:
        model = User
        fields = ["id", "display_name"]
        read_only_fields = fields


class SignupSerializer(TextModelSerializer[User]):
    """Create an account; raises a `unique` error for an address that has one."""

    password = PasswordField()

    class Meta:
        model = User
        fields = ["email", "password", "display_name"]
        # The unique check is made once, by the database, when the row is
        # written: a look-up before it would only open a race.
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "email": {"validators": [validate_email, validate_address]}
        }

    def validate_email(self, value: str) -> str:
        return UserManager.normalize_email(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        candidate = User(
            email=attrs["email"], display_name=attrs.get("display_name", "")
        )
        try:
            password_validation.validate_password(attrs["password"], candidate)
        except DjangoValidationError as error:
            raise serializers.ValidationError(
                {"password": get_error_detail(error)}
            ) from error
        return attrs

    def create(self, validated_data: dict[str, Any]) -> User:
        try:
            with transaction.atomic():
                return User.objects.create_user(**validated_data)
        except IntegrityError as error:
            taken = ErrorDetail("An account with this address exists.", "unique")
            raise serializers.ValidationError({"email": [taken]}) from error


class PasswordConfirmationSerializer(serializers.Serializer[Any]):
    """The caller's current password, for what cannot be undone."""

    password = PasswordField()

    def validate_password(self, value: str) -> str:
        if not self.context["request"].user.check_password(value):
            raise serializers.ValidationError(
                "The password is wrong.", "wrong_password"
            )
        return value


class SignupAnswerSerializer(serializers.Serializer[Any]):
    """What a sign-up answers, for the OpenAPI document."""

    user = UserSerializer()
    access = serializers.CharField()
    refresh = serializers.CharField()
