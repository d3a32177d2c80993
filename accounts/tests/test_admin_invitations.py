"""Invitations in the admin."""

import re

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Invitation, User
from accounts.services.invitations import create_invitation, issue_token

pytestmark = pytest.mark.django_db
ADD = "/admin/accounts/invitation/add/"
LIST = "/admin/accounts/invitation/"
EMAIL = "new@example.com"


@pytest.fixture
def clerk(make_user, client):
    """Sign in somebody who may do everything with invitations, and nothing else."""
    clerk = make_user("clerk@example.com", is_staff=True)
    clerk.user_permissions.set(
        Permission.objects.filter(content_type__model="invitation")
    )
    client.force_login(clerk)
    return client


def join(client, token: str, email: str = EMAIL):
    body = {"email": email, "password": "correct horse 9", "invitation": token}
    return client.post("/api/v1/auth/signup/", body)


def test_add__shows_the_link_once(clerk, anonymous):
    page = clerk.post(ADD, {"email": "", "days": "7"})
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    pattern = r"http://testserver/accounts/sign-up/([\w-]{43})/<"
    (token,) = re.findall(pattern, page.content.decode())
    row = Invitation.objects.get()
    for url in (LIST, f"{LIST}{row.pk}/change/"):
        shown = clerk.get(url).content.decode()
        assert token not in shown
        assert row.token_hash not in shown
    assert join(anonymous, token).status_code == 201
    assert not User.objects.get(email=EMAIL).email_verified


def test_add__by_mail_shows_no_link(clerk, anonymous, send, mailoutbox):
    form = {"email": EMAIL, "days": "3", "by_mail": "on"}
    response = send(clerk, ADD, form)
    assert response["Location"] == LIST
    (mail,) = mailoutbox
    token = re.findall(r"/accounts/sign-up/([\w-]{43})/", mail.body)[0]
    assert join(anonymous, token).status_code == 201
    assert User.objects.get(email=EMAIL).email_verified


def test_add__by_mail_without_a_site_says_so(clerk, settings, mailoutbox):
    settings.MAIL_LINKS_FROM_REQUEST = False
    form = {"email": EMAIL, "days": "3", "by_mail": "on"}
    page = clerk.post(ADD, form, follow=True)
    assert "No mail was sent" in page.content.decode()
    assert not mailoutbox


@pytest.mark.parametrize(
    "form",
    [
        {"email": "", "days": "3", "by_mail": "on"},
        {"email": "no email", "days": "3"},
        {"email": "", "days": "0"},
        {"email": "", "days": "366"},
        {"email": ""},
    ],
)
def test_add__with_bad_input_is_refused(clerk, form):
    assert b"errorlist" in clerk.post(ADD, form).content
    assert not Invitation.objects.exists()


def test_add__warns_while_nobody_can_sign_up(clerk, settings):
    settings.SIGNUP = "closed"
    page = clerk.post(ADD, {"email": "", "days": "7"})
    assert "SIGNUP is closed" in page.content.decode()


def test_revoke__ends_those_that_are_open(clerk, anonymous, user):
    tokens = [issue_token(create_invitation()) for _ in range(2)]
    assert join(anonymous, tokens[0]).status_code == 201
    keys = [str(key) for key in Invitation.objects.values_list("pk", flat=True)]
    clerk.post(LIST, {"action": "revoke", "_selected_action": keys})
    assert {row.state for row in Invitation.objects.all()} == {"used", "revoked"}
    assert join(anonymous, tokens[1], "b@example.com").status_code == 400


def test_list__shows_states_at_a_constant_number_of_queries(
    clerk, user, django_assert_max_num_queries
):
    for _ in range(20):
        create_invitation()
    Invitation.objects.update(used_by=user)
    with django_assert_max_num_queries(9):
        page = clerk.get(LIST)
    assert page.content.count(b"field-state") == 20


def test_user_who_was_invited__is_deleted_by_staff_who_may_delete_users(
    client, make_user, anonymous
):
    assert join(anonymous, issue_token(create_invitation())).status_code == 201
    clerk = make_user("clerk@example.com", is_staff=True)
    for codename in ("view_user", "delete_user"):
        clerk.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(clerk)
    invited = User.objects.get(email=EMAIL)
    url = f"/admin/accounts/user/{invited.pk}/delete/"
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=invited.pk).exists()
