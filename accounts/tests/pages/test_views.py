"""The pages that links in mails lead to without a front end."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from accounts.pages import views as pages
from accounts.services.one_time_links import (
    email_change_tokens,
    encode_uid,
    password_reset_tokens,
    verification_tokens,
)

pytestmark = pytest.mark.django_db
NEW = "violet harbour lamp 7"
PASSWORDS = {"new_password1": NEW, "new_password2": NEW}


def make_link(user: User, kind: str) -> str:
    user.refresh_from_db()
    token = {
        "reset": lambda: password_reset_tokens.make_token(user),
        "verify": lambda: verification_tokens.make_token(user),
        "email": lambda: email_change_tokens.make_token(user, "new@example.com"),
    }[kind]()
    return f"/accounts/{kind}/{encode_uid(user)}/{token}/"


KINDS = ["reset", "verify", "email"]


def is_done(user: User, kind: str) -> bool:
    user.refresh_from_db()
    return {
        "reset": user.check_password(NEW),
        "verify": user.email_verified,
        "email": user.email == "new@example.com",
    }[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_link__opens_a_form_that_does_it_once(client, user, kind):
    link = make_link(user, kind)
    opened = client.get(link)
    assert opened.status_code == 302
    token = link.split("/")[-2]
    assert token not in opened["Location"]
    page = client.get(opened["Location"])
    assert page.status_code == 200
    assert token not in page.content.decode()
    # Scanners of mail open links: that alone does nothing.
    assert not is_done(user, kind)
    done = client.post(opened["Location"], PASSWORDS, follow=True)
    assert done.status_code == 200
    assert is_done(user, kind)
    for again in (
        client.post(opened["Location"], PASSWORDS),
        client.get(opened["Location"]),
        client.get(link),
    ):
        assert again.status_code == 400
        assert b"This link does not work" in again.content


@pytest.mark.parametrize("kind", KINDS)
def test_link__lets_no_token_out_by_the_referrer(client, user, kind):
    link = make_link(user, kind)
    opened = client.get(link)
    assert opened["Referrer-Policy"] == "no-referrer"
    assert "no-store" in opened["Cache-Control"]
    page = client.get(opened["Location"])
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    broken = client.get(f"{link[:-1]}x/")
    assert broken.status_code == 400
    assert broken["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("kind", KINDS)
def test_link__is_of_no_use_for_another_page(client, user, kind):
    link = make_link(user, kind)
    for other in set(KINDS) - {kind}:
        assert client.get(link.replace(f"/{kind}/", f"/{other}/")).status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_form__is_guarded_by_a_csrf_token(user, kind):
    client = Client(enforce_csrf_checks=True)
    form = client.get(make_link(user, kind))["Location"]
    client.get(form)
    assert client.post(form, PASSWORDS).status_code == 403
    assert not is_done(user, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_form__in_another_browser_does_not_work(client, user, kind):
    form = client.get(make_link(user, kind))["Location"]
    assert Client().post(form, PASSWORDS).status_code == 400
    assert not is_done(user, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_form__does_not_work_for_somebody_else(client, user, stranger, kind):
    form = client.get(make_link(user, kind))["Location"]
    theirs = form.replace(encode_uid(user), encode_uid(stranger))
    assert client.post(theirs, PASSWORDS).status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_form__does_not_work_for_an_inactive_user(client, user, kind):
    form = client.get(make_link(user, kind))["Location"]
    User.objects.update(is_active=False)
    assert client.post(form, PASSWORDS).status_code == 400
    assert not is_done(user, kind)


def test_form__expires_after_it_was_opened(client, user, later):
    form = client.get(make_link(user, "reset"))["Location"]
    later(timedelta(minutes=61))
    assert client.post(form, PASSWORDS).status_code == 400


def test_form__used_in_another_window_meanwhile_says_so(client, user, monkeypatch):
    """Between Django's check of the token and ours."""
    form = client.get(make_link(user, "reset"))["Location"]

    def refuse(**kwargs):
        raise pages.InvalidLink

    monkeypatch.setattr(pages, "reset_password", refuse)
    response = client.post(form, PASSWORDS)
    assert response.status_code == 400
    assert b"This link does not work" in response.content


def test_confirm_page__of_an_email_taken_meanwhile_does_not_work(
    client, user, make_user
):
    form = client.get(make_link(user, "email"))["Location"]
    make_user("new@example.com")
    assert client.post(form).status_code == 400


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("short", "short", b"too short"),
        (NEW, NEW + "x", b"match"),
        ("x" * 1025, "x" * 1025, b"at most 1024"),
        ("ann@example.com", "ann@example.com", b"too similar"),
        ("nul\x00 in the middle", "nul\x00 in the middle", b"Null characters"),
    ],
)
def test_reset_page__refuses_bad_passwords(client, user, first, second, message):
    form = client.get(make_link(user, "reset"))["Location"]
    body = {"new_password1": first, "new_password2": second}
    response = client.post(form, body)
    assert response.status_code == 200
    assert message in response.content
    # Each error is at its own field.
    wrong = "new_password2" if message == b"match" else "new_password1"
    assert wrong in response.context["form"].errors
    assert client.post(form, PASSWORDS).status_code == 302


def test_reset_page__ends_every_sign_in(client, user, sign_in, dead_sessions):
    tokens = sign_in(user)
    form = client.get(make_link(user, "reset"))["Location"]
    client.post(form, PASSWORDS)
    assert dead_sessions(tokens)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("uid", ["YWRtaW4", "%00", "é", "_____w", "x" * 300])
def test_link__of_garbage_does_not_work(client, db, kind, uid):
    for token in ("a-b", "now", "%00", ":", "x" * 2000):
        assert client.get(f"/accounts/{kind}/{uid}/{token}/").status_code == 400


def test_ask_page__sends_the_link_and_says_the_same_for_all(
    client, user, send, mailoutbox
):
    for email in (user.email, "nobody@example.com"):
        response = send(client, "/accounts/reset/", {"email": email})
        assert response["Location"] == "/accounts/reset/sent/"
    assert [mail.to for mail in mailoutbox] == [[user.email]]
    assert client.get("/accounts/reset/sent/").status_code == 200


def test_ask_page__shows_what_was_typed_escaped(client, db):
    body = {"email": "<script>alert(1)</script>"}
    response = client.post("/accounts/reset/", body)
    assert response.status_code == 200
    assert b"<script>" not in response.content


def test_ask_page__is_guarded_by_a_csrf_token(db):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/accounts/reset/", {"email": "a@b.de"}).status_code == 403


def test_sign_in_page__links_it(client, db):
    for page in ("/api-auth/login/", "/admin/login/"):
        assert b'href="/accounts/reset/"' in client.get(page).content
