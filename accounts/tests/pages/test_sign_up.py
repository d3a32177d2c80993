"""The page for links of invitations."""

import pytest
from django.test import Client

from accounts.models import Invitation, User
from accounts.services.invitations import create_invitation, issue_token

pytestmark = pytest.mark.django_db
EMAIL = "new@example.com"
PASSWORD = "violet harbour lamp 7"
FORM = {
    "email": EMAIL,
    "display_name": "New",
    "new_password1": PASSWORD,
    "new_password2": PASSWORD,
}
PAGE = "/accounts/sign-up/now/"


@pytest.fixture(autouse=True)
def by_invitation(settings) -> None:
    settings.SIGNUP = "invite"


def invite(email: str = "") -> str:
    return issue_token(create_invitation(email=email))


def open_link(client, token: str):
    return client.get(f"/accounts/sign-up/{token}/")


def test_link__opens_a_form_that_makes_an_account_once(client, send, mailoutbox):
    token = invite()
    opened = open_link(client, token)
    assert opened["Location"] == PAGE
    assert opened["Referrer-Policy"] == "no-referrer"
    page = client.get(PAGE)
    assert page.status_code == 200
    assert token not in page.content.decode()
    # Scanners of mail open links: that alone does nothing.
    assert Invitation.objects.get().state == "open"
    assert send(client, PAGE, FORM)["Location"] == "/accounts/sign-up/done/"
    user = User.objects.get(email=EMAIL)
    assert user.check_password(PASSWORD)
    assert user.display_name == "New"
    assert [mail.to for mail in mailoutbox] == [[EMAIL]]
    assert client.get("/accounts/sign-up/done/").status_code == 200
    for again in (client.get(PAGE), client.post(PAGE, FORM), open_link(client, token)):
        assert again.status_code == 400
        assert b"This invitation does not work" in again.content
    assert User.objects.count() == 1


def test_form__of_a_bound_invitation_takes_no_other_email(client):
    open_link(client, invite("bound@example.com"))
    assert b"bound@example.com" in client.get(PAGE).content
    assert client.post(PAGE, FORM).status_code == 302
    assert User.objects.get().email == "bound@example.com"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"email": "ann@example.com"}, b"has an account already"),
        ({"email": "no email"}, b"valid e-mail address"),
        ({"new_password2": "x"}, b"match"),
        ({"new_password1": "short", "new_password2": "short"}, b"too short"),
        ({"new_password1": EMAIL, "new_password2": EMAIL}, b"too similar"),
        ({"display_name": "x" * 101}, b"at most 100"),
        ({"display_name": "a\x07"}, b"not allowed"),
    ],
)
def test_form__with_bad_input_does_not_use_the_invitation_up(
    client, user, change, text
):
    open_link(client, invite())
    page = client.post(PAGE, FORM | change)
    assert page.status_code == 200
    assert text in page.content
    assert client.post(PAGE, FORM).status_code == 302


def test_form__does_not_tell_who_has_an_account_in_safe_mode(client, user, settings):
    settings.SIGNUP_ENUMERATION_SAFE = True
    answers = []
    for email in (user.email, EMAIL):
        open_link(client, invite())
        answer = client.post(PAGE, FORM | {"email": email})
        answers.append((answer.status_code, answer["Location"]))
        assert client.get(PAGE).status_code == 400
    assert answers[0] == answers[1]


def test_form__used_by_somebody_else_meanwhile_says_so(client, monkeypatch):
    from accounts.pages import views as page

    open_link(client, invite())

    def refuse(*args, **kwargs):
        raise page.InvalidInvitation

    monkeypatch.setattr(page, "sign_up_user", refuse)
    response = client.post(PAGE, FORM)
    assert response.status_code == 400
    assert b"This invitation does not work" in response.content


def test_link__while_nobody_can_sign_up_is_refused(client, settings):
    token = invite()
    settings.SIGNUP = "closed"
    page = open_link(client, token)
    assert page.status_code == 403
    assert b"Nobody can sign up" in page.content


@pytest.mark.parametrize("token", ["x", "%00", "é", "x" * 2000])
def test_link__of_garbage_does_not_work(client, token):
    page = open_link(client, token)
    assert page.status_code == 400
    assert "sessionid" not in page.cookies


def test_form__is_guarded_by_a_csrf_token():
    client = Client(enforce_csrf_checks=True)
    open_link(client, invite())
    assert client.post(PAGE, FORM).status_code == 403
    assert not User.objects.exists()


def test_form__counts_with_sign_ups_of_the_api(client, anonymous, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "signup": (1, 3600)}
    assert client.post(PAGE, FORM).status_code == 400
    assert anonymous.post("/api/v1/auth/signup/", {}).status_code == 429
    assert client.post(PAGE, FORM).status_code == 429
