"""Signing in with a password, and the lock on it.

`User.check_password` counts each check; see `accounts.models.attempts`.
"""

from contextlib import nullcontext
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.http import HttpRequest

from accounts.models import User
from accounts.models.attempts import LockedOut
from mediabackend.http.current_request import answering
from mediabackend.telemetry.counters import SIGN_INS


class LockoutBackend(ModelBackend):
    """Checks passwords, unless there were too many wrong ones before."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """Return the user with these credentials; raises LockedOut.

        Does the same for accounts that do not exist: their passwords are hashed and
        counted too.
        """
        email = username or kwargs.get(User.USERNAME_FIELD) or ""
        found = User.objects.filter(email=email).first()
        user = found or User(email=email, password=UNUSABLE_PASSWORD_PREFIX)
        # Commands and tests sign in without a request, and are not counted.
        with answering(request) if request else nullcontext():
            try:
                is_right = user.check_password(password)
            except LockedOut:
                SIGN_INS.labels("locked").inc()
                raise
        is_active = self.user_can_authenticate(user)
        refusal = "inactive" if is_right else "wrong_password"
        SIGN_INS.labels("granted" if is_right and is_active else refusal).inc()
        return user if is_right and is_active else None

    async def aauthenticate(
        self, request: HttpRequest | None, *args: Any, **kwargs: Any
    ) -> User | None:
        return await sync_to_async(self.authenticate)(request, *args, **kwargs)
