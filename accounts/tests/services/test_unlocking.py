"""The end of a lock on signing in, by a reset of the password or in the admin."""

import pytest

from accounts.models import FailedSignIn
from accounts.models.attempts import unlock_account
from accounts.services.credentials import reset_password
from accounts.services.one_time_links import encode_uid, password_reset_tokens
from accounts.tests.services.conftest import LIMIT, by_token, fail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lockout")]


@pytest.fixture
def admin_page(make_user, client):
    root = make_user("root@example.com", is_staff=True, is_superuser=True)
    client.force_login(root)
    return client


def test_unlock__frees_the_user_from_everywhere(anonymous, user, stranger):
    for ip in ("203.0.113.9", "203.0.113.10"):
        for _ in range(LIMIT + 1):
            fail(anonymous, REMOTE_ADDR=ip)
            fail(anonymous, stranger.email, REMOTE_ADDR=ip)
    unlock_account(user.email)
    assert fail(anonymous, REMOTE_ADDR="203.0.113.9") == 401
    assert fail(anonymous, REMOTE_ADDR="203.0.113.10") == 401
    assert fail(anonymous, stranger.email, REMOTE_ADDR="203.0.113.9") == 429


@pytest.mark.parametrize("action", ["unlock", "delete_selected"])
def test_admin__unlocks_a_failed_sign_in(admin_page, anonymous, user, action):
    for _ in range(LIMIT + 1):
        fail(anonymous)
    attempt = FailedSignIn.objects.get(network="127.0.0.1")
    form = {"action": action, "_selected_action": [attempt.pk], "post": "yes"}
    answer = admin_page.post("/admin/accounts/failedsignin/", form)
    assert answer.status_code == 302
    assert fail(anonymous) == 401


def test_admin__unlocks_a_user(admin_page, anonymous, user):
    for _ in range(LIMIT + 1):
        fail(anonymous)
    form = {"action": "unlock", "_selected_action": [str(user.pk)]}
    assert admin_page.post("/admin/accounts/user/", form).status_code == 302
    assert fail(anonymous) == 401


def test_admin__shows_failed_sign_ins(admin_page, anonymous, user):
    fail(anonymous, HTTP_USER_AGENT="<script>alert(1)</script>")
    page = admin_page.get("/admin/accounts/failedsignin/").content.decode()
    assert "ann@example.com" in page
    assert "<script>alert(1)</script>" not in page
    url = f"/admin/accounts/failedsignin/{FailedSignIn.objects.first().pk}/change/"
    assert admin_page.get(url).status_code == 200


def test_reset__unlocks_from_everywhere(anonymous, user):
    for ip in ("203.0.113.9", "203.0.113.10"):
        for _ in range(LIMIT):
            fail(anonymous, REMOTE_ADDR=ip)
    user.refresh_from_db()
    token = password_reset_tokens.make_token(user)
    new = "violet harbour lamp 7"
    reset_password(uid=encode_uid(user), token=token, new_password=new)
    for ip in ("203.0.113.9", "203.0.113.10"):
        signed_in = by_token(anonymous, user.email, new, REMOTE_ADDR=ip)
        assert signed_in.status_code == 200
