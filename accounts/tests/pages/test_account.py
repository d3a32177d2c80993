"""The page of a signed-in person."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.pages.conftest import sign_in_at_browsable_api

pytestmark = pytest.mark.django_db
PAGE = "/accounts/"
EVERYWHERE = "/accounts/sessions/end/"
FORM = "application/x-www-form-urlencoded"
AGENT = "Example app/1.0 <b>"


@pytest.fixture
def signed_in(client, user) -> Client:
    sign_in_at_browsable_api(client, user)
    return client


@pytest.fixture
def start(anonymous):
    """Sign in through the API as an app; return the tokens."""

    def make(user: User) -> dict[str, str]:
        body = {"email": user.email, "password": user.raw_password}
        headers = {"User-Agent": AGENT}
        return anonymous.post("/api/v1/auth/token/", body, headers=headers).json()

    return make


def end(user: User) -> str:
    return f"/accounts/sessions/{user.sessions.get().pk}/end/"


def test_page__shows_the_sign_ins_of_the_person_only(signed_in, user, stranger, start):
    start(user)
    start(stranger)
    page = signed_in.get(PAGE)
    assert "no-store" in page["Cache-Control"]
    text = page.content.decode()
    assert "Example app/1.0 &lt;b&gt;" in text
    assert "IP address 127.0.0.1" in text
    assert end(user) in text
    assert end(stranger) not in text


def test_end__ends_one_sign_in(signed_in, user, start, dead_sessions):
    tokens = start(user)
    page = signed_in.post(end(user), follow=True)
    assert "The sign-in has ended." in page.content.decode()
    assert AGENT[:7] not in page.content.decode()
    assert dead_sessions(tokens)
    assert signed_in.post(end(user)).status_code == 404


def test_end__of_somebody_else_is_not_found(signed_in, stranger, start, dead_sessions):
    tokens = start(stranger)
    assert signed_in.post(end(stranger)).status_code == 404
    assert not dead_sessions(tokens)


def test_end_all__ends_this_page_and_other_browsers_too(
    signed_in, user, start, dead_sessions
):
    tokens, other = start(user), Client()
    sign_in_at_browsable_api(other, user)
    page = signed_in.post(EVERYWHERE, follow=True)
    assert "You are signed out" in page.content.decode()
    assert dead_sessions(tokens)
    for browser in (signed_in, other):
        assert browser.get(PAGE)["Location"] == "/api-auth/login/?next=/accounts/"


def test_export__is_linked_and_opens_with_the_same_session(signed_in):
    assert 'href="/api/v1/users/me/export/"' in signed_in.get(PAGE).content.decode()
    export = signed_in.get("/api/v1/users/me/export/")
    assert export["Content-Type"] == "application/zip"
    assert export.getvalue().startswith(b"PK")


@pytest.mark.parametrize("method", ["get", "post"])
def test_pages__lead_the_anonymous_to_sign_in_and_back(client, user, start, method):
    start(user)
    urls = [PAGE] if method == "get" else [end(user), EVERYWHERE]
    for url in urls:
        answer = getattr(client, method)(url)
        assert answer["Location"] == "/api-auth/login/?next=/accounts/"
    assert user.sessions.get().revoked_at is None


def test_pages__are_closed_to_deactivated_accounts(signed_in, user, start):
    start(user)
    url = end(user)
    User.objects.update(is_active=False)
    assert signed_in.get(PAGE).status_code == 302
    assert signed_in.post(url)["Location"].startswith("/api-auth/login/")
    form = {"username": user.email, "password": user.raw_password}
    assert signed_in.post("/api-auth/login/", form).status_code == 200


def test_forms__are_guarded_by_a_csrf_token(user, start, dead_sessions):
    tokens, client = start(user), Client(enforce_csrf_checks=True)
    client.force_login(user)
    for url in (end(user), EVERYWHERE):
        assert client.post(url).status_code == 403
    assert not dead_sessions(tokens)


def test_forms__count_as_changes_do(signed_in, user, start, settings):
    start(user)
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "write": (1, 60)}
    assert signed_in.post(end(user), content_type=FORM).status_code == 302
    assert signed_in.post(EVERYWHERE, content_type=FORM).status_code == 429


def test_second_factor__stays_due_in_the_admin(half_way):
    """As in the API, the account page asks for the password only."""
    assert half_way.get(PAGE).status_code == 200
    assert half_way.get("/admin/").status_code == 302
