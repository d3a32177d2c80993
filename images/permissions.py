"""Who may read what is shared."""

from django.conf import settings
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated


def read_permissions() -> list[BasePermission]:
    """Return the permissions of reads that need no account, unless settings say so."""
    return [AllowAny() if settings.ANONYMOUS_READS else IsAuthenticated()]
