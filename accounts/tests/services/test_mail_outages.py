"""Requests whose mails cannot be sent."""

import time

import pytest
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings

from accounts.tests.mail_backends import BROKEN, mails_through

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/v1/auth/signup/", 201),
        ("/api/v1/auth/password/reset/", 202),
        ("/api/v1/auth/email/resend/", 202),
        ("/api/v1/auth/email/change/", 202),
        ("/accounts/reset/", 302),
    ],
)
def test_mail_server__that_is_down_breaks_no_request(api, user, send, url, status):
    email = "new@example.com" if "signup" in url else user.email
    body = {"email": email, "password": user.raw_password}
    body["new_email"] = "other@example.com"
    format = "multipart" if url == "/accounts/reset/" else "json"
    with override_settings(**mails_through(BROKEN)):
        assert send(api, url, body, format=format).status_code == status


def test_queue__that_is_down_breaks_no_request(anonymous, user, send, monkeypatch):
    from accounts.api import passwords as password_views

    class DeadQueue:
        @staticmethod
        def enqueue(*args):
            raise ConnectionError("redis.example.com")

    monkeypatch.setattr(password_views, "mail_password_reset", DeadQueue)
    response = send(anonymous, "/api/v1/auth/password/reset/", {"email": user.email})
    assert response.status_code == 202


class SlowBackend(BaseEmailBackend):
    def send_messages(self, messages):
        time.sleep(2)


@pytest.mark.django_db(transaction=True)
def test_mail_server__that_is_slow_does_not_slow_a_request_with_a_worker(
    anonymous, user, settings
):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    with override_settings(**mails_through(f"{__name__}.SlowBackend")):
        start = time.perf_counter()
        anonymous.post("/api/v1/auth/password/reset/", {"email": user.email})
        assert time.perf_counter() - start < 1.5
