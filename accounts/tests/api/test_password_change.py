import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import credentials
from accounts.tests.links import error_of

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/password/change/"
NEW = "violet harbour lamp 7"


@pytest.fixture
def body(user) -> dict[str, str]:
    return {"current_password": user.raw_password, "new_password": NEW}


def test_change__sets_the_password(api, anonymous, user, body):
    assert api.post(URL, body).status_code == 204
    credentials = {"email": user.email, "password": NEW}
    assert anonymous.post("/api/v1/auth/token/", credentials).status_code == 200
    credentials["password"] = user.raw_password
    assert anonymous.post("/api/v1/auth/token/", credentials).status_code == 401


def test_change__ends_every_sign_in_at_once(
    api, user, stranger, sign_in, body, dead_sessions
):
    before, theirs = [sign_in(user), sign_in(user)], sign_in(stranger)
    assert api.post(URL, body).status_code == 204
    assert all(map(dead_sessions, before))
    assert api.get("/api/v1/users/me/").status_code == 401
    assert not dead_sessions(theirs)


def test_change__ends_a_session_of_the_browsable_api(user, body):
    browser = APIClient()
    browser.force_login(user)
    assert browser.post(URL, body).status_code == 204
    assert browser.get("/api/v1/users/me/").status_code == 401


def test_change__needs_the_current_password(api, user, body):
    response = api.post(URL, {**body, "current_password": NEW})
    assert error_of(response) == ("current_password", "wrong_password")
    user.refresh_from_db()
    assert user.check_password(user.raw_password)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "blank"),
        ("short", "password_too_short"),
        ("8462937501", "password_entirely_numeric"),
        ("password123", "password_too_common"),
        ("ann@example.com", "password_too_similar"),
        ("x" * 1025, "max_length"),
        ("nul\x00in the middle", "null_characters_not_allowed"),
    ],
)
def test_change__refuses_what_sign_up_refuses(api, user, body, password, code):
    response = api.post(URL, {**body, "new_password": password})
    assert error_of(response) == ("new_password", code)
    user.refresh_from_db()
    assert user.check_password(user.raw_password)


def test_change__loses_against_a_reset_that_came_between(api, user, body, monkeypatch):
    """Who knows the old password only must not undo what the owner has just done."""

    def reset_meanwhile(password):
        owner = User.objects.get()
        owner.set_password("the owner's own 5")
        owner.save()
        return "hash"

    monkeypatch.setattr(credentials, "make_password", reset_meanwhile)
    assert error_of(api.post(URL, body)) == ("current_password", "wrong_password")
    user.refresh_from_db()
    assert user.check_password("the owner's own 5")


def test_change__needs_a_sign_in(anonymous, body):
    assert anonymous.post(URL, body).status_code == 401
