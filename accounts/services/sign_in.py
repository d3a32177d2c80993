"""Signing in with e-mail and password."""

from django.contrib.auth import authenticate
from rest_framework.request import Request

from accounts.tokens.sessions import NoActiveAccount, start_session


def sign_in_user(request: Request, *, email: str, password: str) -> dict[str, str]:
    """Return an access and a refresh token for an active user's credentials.

    Raises LockedOut and NoActiveAccount. An unknown e-mail costs one hash too: the
    time does not tell whether the e-mail has an account.
    """
    user = authenticate(request, username=email, password=password)
    if user is None:
        raise NoActiveAccount
    return start_session(user, request)
