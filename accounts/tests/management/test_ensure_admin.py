from io import StringIO

import pytest
from django.core.management import CommandError, call_command

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


def test_ensure_admin__takes_email_and_password_of_the_environment(settings):
    settings.ADMIN_EMAIL = "boss@example.com"
    settings.ADMIN_PASSWORD = "plum-orbit-lantern-42"
    assert "plum" not in run()
    admin = User.objects.get(email="boss@example.com")
    assert admin.check_password("plum-orbit-lantern-42")
    # A password that was changed since then stays.
    admin.set_password("another-one-of-hers-7")
    admin.save()
    settings.ADMIN_EMAIL = "other@example.com"
    assert run() == ""
    admin = User.objects.get()
    assert admin.check_password("another-one-of-hers-7")


def test_ensure_admin__refuses_a_weak_password(settings):
    settings.ADMIN_PASSWORD = "password"
    with pytest.raises(CommandError, match="too common"):
        run()
    assert not User.objects.exists()
