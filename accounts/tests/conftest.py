"""Fixtures of the account tests."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.contrib.auth.tokens import PasswordResetTokenGenerator

Link = dict[str, str]


@pytest.fixture
def send(django_capture_on_commit_callbacks) -> Callable:
    """Post as a client, and do what waits for the end of the transaction."""

    def post(client, url: str, data=None, **extra):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, data, **extra)

    return post


@pytest.fixture
def link_in() -> Callable:
    """Return the uid and the token of the link in a mail."""

    def read(mail) -> Link:
        # The last URL in a mail is that of the site.
        url, _ = re.findall(r"https?://\S+", mail.body)
        parts = urlsplit(url)
        if parts.query:
            found = parse_qs(parts.query, strict_parsing=True)
            return {name: value for name, (value,) in found.items()}
        *_, uid, token, _ = parts.path.split("/")
        return {"uid": uid, "token": unquote(token)}

    return read


@pytest.fixture
def later(monkeypatch) -> Callable[[timedelta], None]:
    """Let time pass for the tokens of links."""

    def move(by: timedelta) -> None:
        now = datetime.now() + by
        monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda self: now)

    return move


@pytest.fixture
def reset_link(anonymous, user, send, mailoutbox, link_in) -> Link:
    """Ask for a reset of `user`; the outbox is empty again afterwards."""
    send(anonymous, "/api/v1/auth/password/reset/", {"email": user.email})
    return link_in(mailoutbox.pop())


@pytest.fixture
def verify_link(api, user, send, mailoutbox, link_in) -> Link:
    """Ask for another verification mail as `user`."""
    send(api, "/api/v1/auth/email/resend/")
    return link_in(mailoutbox.pop())


@pytest.fixture
def change_link(api, user, send, mailoutbox, link_in) -> Link:
    """Ask to change the address of `user` to new@example.com."""
    body = {"new_email": "new@example.com", "password": user.raw_password}
    send(api, "/api/v1/auth/email/change/", body)
    link = link_in(mailoutbox.pop())
    mailoutbox.clear()
    return link


@pytest.fixture
def dead_sessions(anonymous) -> Callable[[dict[str, str]], bool]:
    """Say whether both tokens of a sign-in are refused."""

    def check(tokens: dict[str, str]) -> bool:
        anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access']}")
        access = anonymous.get("/api/v1/users/me/").status_code
        anonymous.credentials()
        body = {"refresh": tokens["refresh"]}
        refresh = anonymous.post("/api/v1/auth/token/refresh/", body).status_code
        return (access, refresh) == (401, 401)

    return check


@pytest.fixture
def cheap_bcrypt(monkeypatch) -> None:
    """Hash with real bcrypt, of its lowest cost."""
    monkeypatch.setattr(BCryptSHA256PasswordHasher, "rounds", 4)
