from datetime import timedelta
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Session
from mediabackend.db import counters
from mediabackend.models import Counter

pytestmark = pytest.mark.django_db


def run() -> str:
    out = StringIO()
    call_command("cleanup_accounts", stdout=out)
    return out.getvalue()


def test_cleanup__deletes_what_is_old(user, sign_in, anonymous, monkeypatch):
    sign_in(user)
    sign_in(user)
    wrong = {"email": user.email, "password": "wrong"}
    assert anonymous.post("/api/v1/auth/token/", wrong).status_code == 401
    long_ago = timezone.now() - timedelta(days=91)
    newest = Session.objects.first()
    Session.objects.exclude(pk=newest.pk).update(
        last_used_at=long_ago, expires_at=long_ago
    )
    AccessAttempt.objects.update(attempt_time=long_ago)
    later = counters._now() + 15 * 60 * 1000
    monkeypatch.setattr(counters, "_now", lambda: later)
    assert run() == (
        "deleted: counters 1, sign-ins 1, failed sign-ins 1, sign-ins to pages 0\n"
    )
    assert Session.objects.get() == newest
    assert not AccessAttempt.objects.exists()
    assert not Counter.objects.exists()


def test_cleanup__keeps_what_is_new_or_alive(user, sign_in, anonymous):
    sign_in(user)
    wrong = {"email": user.email, "password": "wrong"}
    anonymous.post("/api/v1/auth/token/", wrong)
    # Its refresh token lives longer than the record is kept otherwise.
    Session.objects.update(last_used_at=timezone.now() - timedelta(days=91))
    run()
    assert Session.objects.count() == 1
    assert AccessAttempt.objects.count() == 1
    assert Counter.objects.count() == 1
