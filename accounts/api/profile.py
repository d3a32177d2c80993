"""The caller's own profile."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from accounts.api.fields import PasswordConfirmationSerializer
from accounts.models import User
from mediabackend.api.text import TextModelSerializer
from mediabackend.api.throttles import ResetThrottle


class UserSerializer(TextModelSerializer[User]):
    """The caller's own profile."""

    request_name = "UserEdit"

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

    image_count = serializers.IntegerField(source="item_count", read_only=True)

    def to_representation(self, instance: User) -> dict[str, Any]:
        # Written out: the fields of the serializer take much longer.
        return {
            "id": instance.pk,
            "email": instance.readable_email,
            "email_verified": instance.email_verified,
            "display_name": instance.display_name,
            "image_count": instance.item_count,
            "date_joined": instance.date_joined,
        }

    def update(self, instance: User, validated_data: dict[str, Any]) -> User:
        for name, value in validated_data.items():
            setattr(instance, name, value)
        # Not `save()`: other columns may have changed since the row was read, and the
        # account may be gone.
        rows = User.objects.filter(pk=instance.pk)
        changes = {**validated_data, **User.next_content_version()}
        if validated_data and not rows.update(**changes):
            raise NotAuthenticated
        return instance


@extend_schema_view(
    get=extend_schema(operation_id="account.get", summary="The caller's profile"),
    patch=extend_schema(
        operation_id="account.update",
        summary="Change the display name",
        request={"application/json": UserSerializer},
    ),
)
class MeView(generics.RetrieveUpdateDestroyAPIView[User]):
    """The caller's profile."""

    serializer_class = UserSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_throttles(self) -> list[BaseThrottle]:
        if self.request.method == "DELETE":
            return [ResetThrottle()]
        return super().get_throttles()

    def get_object(self) -> User:
        # Authentication has just read the row: no query is needed.
        return cast(User, self.request.user)

    @extend_schema(
        operation_id="account.delete",
        summary="Delete the account and its images",
        request=PasswordConfirmationSerializer,
        responses={204: None},
    )
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete the account with all its images and their remote files."""
        serializer = PasswordConfirmationSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        serializer.is_valid(raise_exception=True)
        return super().delete(request, *args, **kwargs)
