from django.contrib.auth import authenticate
from rest_framework.request import Request

from accounts.models import User


def check_credentials(request: Request, email: str, password: str) -> User | None:
    """Return the active user with these credentials, or None; raises LockedOut.

    An unknown address costs one hash too (Django's ModelBackend sees to that),
    so the time does not tell which of the two was wrong.
    """
    return authenticate(request, username=email, password=password)
