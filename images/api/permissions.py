"""Who may do what, beyond being signed in."""

from typing import cast

from django.conf import settings
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User


class MayUpload(BasePermission):
    """With REQUIRE_VERIFIED_EMAIL, files are taken from verified addresses only."""

    message = "Confirm your e-mail address first: the link is in a mail to you."
    code = "email_not_verified"

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = cast(User, request.user)
        if not settings.REQUIRE_VERIFIED_EMAIL or user.email_verified:
            return True
        # A PATCH of a caption is no upload. The others are refused before
        # their body is read.
        return request.method == "PATCH" and "file" not in request.data


def read_permissions() -> list[BasePermission]:
    """Return the permissions of reads that need no account, unless settings say so."""
    return [AllowAny() if settings.ANONYMOUS_READS else IsAuthenticated()]
