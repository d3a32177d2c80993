"""Contents of mails, and of the tasks that send them."""

import re
from html import escape, unescape

import pytest
from django.core import mail as django_mail

from accounts.models import User
from accounts.services.invitations import create_invitation
from accounts.services.mails import SUBJECTS, mail_invitation

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script> Win at https://evil.example/\r\nBcc: c@d.de"
SIGN_UP = {
    "email": "new@example.com",
    "password": "correct horse battery 9",
    "display_name": "<b>Win</b> at https://evil.example/",
}


@pytest.fixture
def every_mail(anonymous, api, user, send, mailoutbox) -> dict[str, object]:
    """Have each kind of mail sent; returns them by their subject."""
    User.objects.filter(pk=user.pk).update(display_name=HOSTILE)
    hostile_email = '"<b>x</b>"@example.com'
    send(anonymous, "/api/v1/auth/password/reset/", {"email": user.email})
    send(anonymous, "/api/v1/auth/signup/", SIGN_UP)
    for new_email in ("new@example.com", hostile_email):
        body = {"new_email": new_email, "password": user.raw_password}
        assert send(api, "/api/v1/auth/email/change/", body).status_code == 202
    invitation = create_invitation(email=hostile_email)
    mail_invitation.enqueue("http://testserver", str(invitation.pk))
    found = {m.subject.removeprefix("[mediabackend] "): m for m in mailoutbox}
    assert set(found) == set(SUBJECTS.values())
    return found


def html_of(mail) -> str:
    ((content, mimetype),) = mail.alternatives
    assert mimetype == "text/html"
    return content


def test_mails__have_the_link_as_text_and_as_html(every_mail):
    for kind in (
        "password_reset",
        "verification",
        "change_confirmation",
        "invitation",
    ):
        mail = every_mail[SUBJECTS[kind]]
        (link,) = re.findall(r"http://testserver/accounts/\S+", mail.body)
        assert f'href="{link}"' in html_of(mail)


def test_mails__carry_nothing_that_a_stranger_chose(every_mail):
    for mail in every_mail.values():
        for text in (mail.body, html_of(mail), mail.message().as_string()):
            assert "evil" not in text
            assert "Win" not in text
            assert "Bcc" not in text


def test_mails__escape_a_hostile_email_in_html_only(every_mail):
    notice = every_mail[SUBJECTS["change_notice"]]
    assert '"<b>x</b>"@example.com' in notice.body
    assert "<b>x</b>" not in html_of(notice)
    assert "&lt;b&gt;x&lt;/b&gt;" in html_of(notice)


def test_mails__carry_no_secret_but_the_link(every_mail, user):
    user.refresh_from_db()
    for mail in every_mail.values():
        text = mail.body + html_of(mail)
        assert user.password not in text
        assert user.raw_password not in text
        assert SIGN_UP["password"] not in text


def test_mails__have_one_recipient_and_our_sender(every_mail, settings):
    for mail in every_mail.values():
        assert len(mail.recipients()) == 1
        assert mail.from_email == settings.DEFAULT_FROM_EMAIL


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("/api/v1/auth/password/reset/", "reset-password"),
        ("/api/v1/auth/email/resend/", "verify-email"),
        ("/api/v1/auth/email/change/", "confirm-email"),
    ],
)
def test_links__lead_to_the_front_end_when_there_is_one(
    api, user, send, mailoutbox, settings, url, page
):
    settings.FRONTEND_URL = "https://app.example.com/x"
    body = {
        "email": user.email,
        "new_email": "new@example.com",
        "password": user.raw_password,
    }
    send(api, url, body)
    mail = mailoutbox[-1]
    link = re.compile(rf"https://app\.example\.com/x/{page}\?uid=\w+&token=[\w%.-]+")
    (found,) = link.findall(mail.body)
    assert f'href="{escape(found)}"' in html_of(mail)
    assert "testserver" not in mail.body + html_of(mail)


def test_links__never_take_a_host_that_is_not_ours(anonymous, user, send, mailoutbox):
    """Reset poisoning: the Host header of the request that asks for the mail."""
    for headers in (
        {"HTTP_HOST": "evil.example"},
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
    ):
        send(
            anonymous, "/api/v1/auth/password/reset/", {"email": user.email}, **headers
        )
    assert all("evil" not in mail.body for mail in mailoutbox)
    assert len(mailoutbox) == 1


def test_links__lead_to_the_site_and_never_where_the_request_went(
    anonymous, user, send, mailoutbox, settings
):
    settings.MAIL_LINKS_FROM_REQUEST = False
    settings.SITE_URL = "https://media.example.com"
    body = {"email": user.email}
    send(anonymous, "/api/v1/auth/password/reset/", body, HTTP_HOST="testserver:6666")
    (mail,) = mailoutbox
    assert "https://media.example.com/accounts/reset/" in mail.body
    for text in (mail.body, html_of(mail)):
        assert "testserver" not in text


def test_mails__are_logged_and_not_sent_when_links_lead_nowhere(  # noqa: PLR0913
    anonymous, api, user, send, mailoutbox, settings, caplog
):
    settings.MAIL_LINKS_FROM_REQUEST = False
    send(anonymous, "/api/v1/auth/password/reset/", {"email": user.email})
    send(api, "/api/v1/auth/email/resend/")
    send(anonymous, "/api/v1/auth/signup/", SIGN_UP)
    assert mailoutbox == []
    lines = [r.getMessage() for r in caplog.records if r.name.startswith("accounts.s")]
    assert lines == ["A mail was not sent. Set SITE_URL or FRONTEND_URL."] * 3


def test_mails__name_the_site(every_mail, settings):
    for mail in every_mail.values():
        assert mail.body.endswith("-- \nmediabackend\nhttp://testserver\n")
        assert '<a href="http://testserver">http://testserver</a>' in html_of(mail)


def test_mails__have_the_configured_name(api, send, mailoutbox, settings):
    settings.SITE_NAME = "Tom & Ann's <pictures>"
    settings.FRONTEND_URL = "https://app.example.com"
    send(api, "/api/v1/auth/email/resend/")
    (mail,) = mailoutbox
    assert mail.body.endswith(f"{settings.SITE_NAME}\nhttps://app.example.com\n")
    assert "Tom &amp; Ann&#x27;s &lt;pictures&gt;" in html_of(mail)
    assert mail.subject == f"[{settings.SITE_NAME}] Confirm your e-mail address"


def test_mails__have_the_same_words_as_text_and_as_html(every_mail):
    for mail in every_mail.values():
        assert mail.subject in html_of(mail)
        body = html_of(mail).partition("</head>")[2]
        shown = unescape(re.sub("<[^>]+>", " ", body))
        assert shown.split() == mail.body.replace("-- \n", "").split()


def test_mails__load_nothing(every_mail):
    for mail in every_mail.values():
        assert not re.search(r"src=|url\(|<link|<script|@import", html_of(mail))


@pytest.mark.django_db(transaction=True)
def test_queue__holds_no_token(api, user, settings):
    from django_tasks_db.models import DBTaskResult

    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    body = {"new_email": "new@example.com", "password": user.raw_password}
    api.post("/api/v1/auth/password/reset/", {"email": user.email})
    api.post("/api/v1/auth/email/resend/")
    api.post("/api/v1/auth/email/change/", body)
    arguments = [row.args_kwargs["args"] for row in DBTaskResult.objects.all()]
    site = "http://testserver"
    expected = [
        [site, user.email],
        [site, user.email],
        [site, str(user.pk), "new@example.com"],
    ]
    assert sorted(map(str, arguments)) == sorted(map(str, expected))
    assert django_mail.outbox == []
