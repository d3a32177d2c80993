from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import User

pytestmark = pytest.mark.django_db


def run() -> str:
    out = StringIO()
    call_command("ensure_admin", stdout=out, stderr=out)
    return out.getvalue()


def test_ensure_admin__prints_a_password_that_works_once():
    printed = run()
    admin = User.objects.get()
    assert admin.is_superuser
    password = printed.split("password")[-1].strip()
    assert admin.check_password(password)
    assert run() == ""
    assert User.objects.count() == 1


def test_ensure_admin__leaves_an_account_with_that_email_alone(make_user):
    make_user("admin@example.com")
    printed = run()
    assert "admin@example.com" in printed
    assert not User.objects.filter(is_superuser=True).exists()
