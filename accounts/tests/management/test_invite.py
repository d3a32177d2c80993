from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Invitation, User
from accounts.services.invitations import find_invitation

pytestmark = pytest.mark.django_db
EMAIL = "new@example.com"
SIGN_UP = "/api/v1/auth/signup/"


@pytest.fixture(autouse=True)
def site(settings) -> None:
    settings.SIGNUP = "invite"
    settings.FRONTEND_URL = "https://app.example.com"


def run(*options: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("invite", *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def join(client, token: str, email: str = EMAIL):
    body = {"email": email, "password": "correct horse 9", "invitation": token}
    return client.post(SIGN_UP, body)


def test_invite__prints_a_link_that_works_once(anonymous):
    link, _ = run()
    page, token = link.strip().split("?invitation=")
    assert page == "https://app.example.com/sign-up"
    assert join(anonymous, token).status_code == 201
    assert join(anonymous, token, "b@example.com").status_code == 400


def test_invite__leads_to_the_page_without_a_front_end(client, settings):
    settings.FRONTEND_URL, settings.SITE_URL = "", "https://media.example.com"
    link, _ = run()
    assert link.startswith("https://media.example.com/accounts/sign-up/")
    assert client.get(link.strip().removeprefix(settings.SITE_URL)).status_code == 302


def test_invite__without_a_site_says_what_to_add(settings):
    settings.FRONTEND_URL = ""
    link, said = run()
    assert link.startswith("/accounts/sign-up/")
    assert "URL of this service" in said


def test_invite__of_an_email_proves_nothing_if_the_link_was_shown(anonymous):
    link, _ = run("NEW@example.com")
    assert join(anonymous, link.strip().split("=")[1]).status_code == 201
    assert not User.objects.get().email_verified


def test_invite__by_mail_verifies_the_email(
    anonymous, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        printed, _ = run(EMAIL, "--mail")
    (mail,) = mailoutbox
    assert mail.to == [EMAIL]
    token = mail.body.split("?invitation=")[1].split()[0]
    assert token not in printed
    assert Invitation.objects.get().proves_email
    assert join(anonymous, token).status_code == 201
    user = User.objects.get()
    assert user.email_verified
    # There is nothing to verify: no second mail.
    assert len(mailoutbox) == 1


def test_invite__by_mail_twice_leaves_the_link_of_each(
    mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        run(EMAIL, "--mail")
        run(EMAIL, "--mail")
    for mail in mailoutbox:
        find_invitation(mail.body.split("?invitation=")[1].split()[0], EMAIL)
    assert len(mailoutbox) == 2


def test_invite__says_that_nobody_can_sign_up(settings):
    settings.SIGNUP = "closed"
    assert "SIGNUP is closed" in run()[1]


@pytest.mark.parametrize(
    "options",
    [("--mail",), ("no email",), ("--days", "0"), ("--days", "366")],
)
def test_invite__refuses_bad_options(options):
    with pytest.raises(CommandError):
        run(*options)
    assert not Invitation.objects.exists()


def test_invite__by_mail_needs_a_site(settings):
    settings.FRONTEND_URL = ""
    with pytest.raises(CommandError, match="SITE_URL"):
        run(EMAIL, "--mail")
