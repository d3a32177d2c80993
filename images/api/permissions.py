"""Permission classes."""

from typing import Any, cast

from django.conf import settings
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User


class MayUpload(BasePermission):
    """Requires a verified email for uploads, if REQUIRE_VERIFIED_EMAIL is set."""

    message = "Verify your email first, with the link in the mail that we sent you."
    code = "email_not_verified"

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = cast(User, request.user)
        if not settings.REQUIRE_VERIFIED_EMAIL or user.email_verified:
            return True
        # A PATCH without a file is no upload. Other methods are refused before their
        # body is read.
        return request.method == "PATCH" and "file" not in request.data


class IsNotOwner(BasePermission):
    """Keeps users from reporting their own images."""

    message = "This is your own image: delete it instead."
    code = "own_image"

    def has_object_permission(self, request: Request, view: APIView, obj: Any) -> bool:
        return obj.owner_id != request.user.pk


def read_permissions() -> list[BasePermission]:
    """Return the permissions of public reads; ANONYMOUS_READS lets in everybody."""
    return [AllowAny() if settings.ANONYMOUS_READS else IsAuthenticated()]
