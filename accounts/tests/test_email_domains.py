"""One mailbox has one account, and mails go to the domain that was typed."""

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from accounts.email_field import normalize_email, readable_email
from accounts.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
SIGN_UP = "/api/v1/auth/signup/"
PASSWORD = "correct horse battery 9"
STORED = "a@xn--strae-oqa.de"
SAME = {
    "a@bücher.de": "a@xn--bcher-kva.de",
    "a@bu\u0308cher.de": "a@xn--bcher-kva.de",
    "A@BÜCHER.DE": "a@xn--bcher-kva.de",
    "a@XN--BCHER-KVA.de": "a@xn--bcher-kva.de",
    "a@straße.de": STORED,
    "a@strasse.de": "a@strasse.de",
    "a@ｅxample.com": "a@example.com",
    "a@exam\u00adple.com": "a@example.com",
    "a@例え。jp": "a@xn--r8jz45g.jp",
}
# Not in IDNA 2008, or no domain at all.
REFUSED = [
    "a@ex\u202cample.com",
    "a@ex\u200fample.com",
    "a@♥.com",
    "a@xn--abc.de",
    "a@" + "ä" * 60 + ".de",
    "a@é_b.de",
    "a@é..de",
    "\u212a@example.com",
    "a@é.de\x00",
    "a@" + "İ" * 230 + ".com",
    "a@" + "İ" * 100_000 + ".com",
    "no address",
    "",
]


@pytest.mark.parametrize(("typed", "stored"), SAME.items())
def test_signup__stores_the_domain_with_a_labels(anonymous, typed, stored):
    body = {"email": typed, "password": PASSWORD}
    answer = anonymous.post(SIGN_UP, body)
    assert answer.status_code == 201, answer.content
    assert User.objects.get().email == stored
    assert answer.json()["user"]["email"] == readable_email(stored)
    again = anonymous.post(SIGN_UP, body | {"email": stored.upper()})
    assert [e["code"] for e in again.json()["errors"]] == ["unique"]
    for name in (typed, stored):
        body = {"email": name, "password": PASSWORD}
        assert anonymous.post("/api/v1/auth/token/", body).status_code == 200


def test_signup__mails_go_to_the_domain_that_was_typed(anonymous, send, mailoutbox):
    send(anonymous, SIGN_UP, {"email": "a@straße.de", "password": PASSWORD})
    (mail,) = mailoutbox
    assert mail.message()["To"] == STORED


def test_reset__finds_the_account_by_either_form(anonymous, make_user, send):
    make_user("a@straße.de")
    for typed in ("a@straße.de", STORED):
        url = "/api/v1/auth/password/reset/"
        assert send(anonymous, url, {"email": typed}).status_code == 202


@pytest.mark.parametrize("typed", REFUSED)
@pytest.mark.parametrize("endpoint", ["signup", "email/change", "password/reset"])
def test_api__refuses_with_one_error(api, user, typed, endpoint):
    name = "new_email" if endpoint == "email/change" else "email"
    body = {name: typed, "password": user.raw_password}
    answer = api.post(f"/api/v1/auth/{endpoint}/", body)
    assert answer.status_code == 400, answer.content
    (error,) = answer.json()["errors"]
    assert error["attr"] == name
    assert error["code"] in ("invalid", "max_length", "blank")


def test_email_change__knows_the_present_email_in_either_form(client_of, make_user):
    ann = make_user("a@straße.de")
    body = {"new_email": "A@Straße.de", "password": ann.raw_password}
    answer = client_of(ann).post("/api/v1/auth/email/change/", body)
    assert [e["code"] for e in answer.json()["errors"]] == ["unchanged"]


@pytest.mark.parametrize("typed", REFUSED)
def test_sign_in__with_such_an_email_is_refused_as_any_other(anonymous, typed):
    body = {"email": typed[:200] or "x", "password": PASSWORD}
    answer = anonymous.post("/api/v1/auth/token/", body)
    assert answer.status_code in (400, 401), answer.content


@pytest.mark.parametrize("typed", [*REFUSED[:-2], "a@" + "é" * 70 + ".de"])
def test_admin__refuses_with_one_error(client, make_user, typed):
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    form = {"email": typed, "usable_password": "true"}
    form |= {"password1": PASSWORD, "password2": PASSWORD}
    page = client.post("/admin/accounts/user/add/", form)
    assert len(page.context["adminform"].form.errors["email"]) == 1


def test_admin__stores_a_labels_and_shows_letters(client, make_user):
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    form = {"email": "a@straße.de", "usable_password": "true"}
    form |= {"password1": PASSWORD, "password2": PASSWORD}
    client.post("/admin/accounts/user/add/", form)
    user = User.objects.get(email=STORED)
    for path in ("", "?q=a@straße.de", f"{user.pk}/change/"):
        page = client.get(f"/admin/accounts/user/{path}").content.decode()
        assert "a@straße.de" in page
        assert "xn--" not in page


@pytest.mark.parametrize("write", ["save", "bulk_create", "update"])
def test_model__never_writes_another_form(make_user, write):
    ann = make_user()
    write_email = {
        "save": lambda email: get_user_model()(email=email).save(),
        "bulk_create": lambda email: User.objects.bulk_create([User(email=email)]),
        "update": lambda email: User.objects.filter(pk=ann.pk).update(email=email),
    }[write]
    write_email("B@Straße.de")
    assert User.objects.filter(email="b@xn--strae-oqa.de").count() == 1
    with pytest.raises(ValueError, match="No account can have"):
        write_email("a@ex\u202cample.com")


def test_ensure_admin__refuses_a_domain_that_gets_no_mail():
    with pytest.raises(CommandError, match="Enter a valid"):
        call_command("ensure_admin", email="a@ex\u202cample.com")


def test_createsuperuser__stores_a_labels(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="a@straße.de", interactive=False)
    assert User.objects.get().email == STORED


@pytest.mark.parametrize("email", [*SAME, *REFUSED])
def test_normalize__is_stable(email):
    once = normalize_email(email)
    assert normalize_email(once) == once
    assert normalize_email(readable_email(once)) == once
