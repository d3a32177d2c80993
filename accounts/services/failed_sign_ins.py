"""The record of failed sign-ins, which the admin shows."""

from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from accounts.managers import UserManager


class FailureRecorder(AxesDatabaseHandler):
    """Writes one row for each account and address, of bounded size.

    The one of django-axes appends each form that was sent to the row, whatever
    its length, and cleans the whole table up at every sign-in.
    """

    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None:
        """Note a wrong password; attempts that were refused are not noted."""
        if request is None:
            return
        # axes' proxy has put its attributes on the request.
        seen: Any = request
        username = UserManager.normalize_email(credentials.get("username"))[:255]
        key = {"username": _text(username), "ip_address": seen.axes_ip_address}
        now = {
            "attempt_time": timezone.now(),
            "path_info": _text(seen.axes_path_info),
            "http_accept": _text(seen.axes_http_accept),
        }
        again = now | {"failures_since_start": F("failures_since_start") + 1}
        if AccessAttempt.objects.filter(**key).update(**again):
            return
        first = now | {"failures_since_start": 1, "get_data": "", "post_data": ""}
        agent = _text(seen.axes_user_agent)
        _, created = AccessAttempt.objects.get_or_create(
            **key, user_agent=agent, defaults=first
        )
        if not created:
            AccessAttempt.objects.filter(**key).update(**again)

    def clean_expired_user_attempts(self, *args: Any, **kwargs: Any) -> int:
        """Leave that to `manage.py cleanup_accounts`."""
        return 0


def _text(value: str) -> str:
    """Return what PostgreSQL takes: it refuses NUL."""
    return value.replace("\x00", "")
