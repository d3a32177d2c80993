from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import FailedSignIn, Invitation, SentMail, Session

pytestmark = pytest.mark.django_db
WRONG = {"email": "ann@example.com", "password": "wrong"}


def run(*options: str) -> str:
    out = StringIO()
    call_command("cleanup_accounts", *options, stdout=out)
    return out.getvalue()


def test_cleanup__deletes_what_is_old(user, sign_in, anonymous):
    sign_in(user)
    sign_in(user)
    assert anonymous.post("/api/v1/auth/token/", WRONG).status_code == 401
    long_ago = timezone.now() - timedelta(days=91)
    newest = Session.objects.first()
    Session.objects.exclude(pk=newest.pk).update(
        last_used_at=long_ago, expires_at=long_ago
    )
    FailedSignIn.objects.update(last_at=long_ago)
    SentMail.objects.create(
        kind="x", recipient="y", sent_at=long_ago, valid_until=long_ago
    )
    for days in (91, 89):
        Invitation.objects.create(expires_at=timezone.now() - timedelta(days=days))
    assert run() == (
        "deleted: sign-ins 1, failed sign-ins 2, networks 0, mails 1, invitations 1\n"
    )
    assert Invitation.objects.count() == 1
    assert Session.objects.get() == newest
    assert not FailedSignIn.objects.exists()


def test_cleanup__keeps_what_is_new_or_alive(user, sign_in, anonymous):
    sign_in(user)
    anonymous.post("/api/v1/auth/token/", WRONG)
    # Its refresh token lives longer than the record is kept otherwise.
    Session.objects.update(last_used_at=timezone.now() - timedelta(days=91))
    run()
    assert Session.objects.count() == 1
    # One for the network, one for the account.
    assert FailedSignIn.objects.count() == 2


def test_cleanup__keeps_locks_that_hold(user, anonymous):
    anonymous.post("/api/v1/auth/token/", WRONG)
    run("--days", "0")
    # One for the network, one for the account.
    assert FailedSignIn.objects.count() == 2
