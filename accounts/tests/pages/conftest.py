"""Staff with and without a second factor."""

import pytest
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.services.second_factor import replace_recovery_codes


@pytest.fixture
def staff(make_user) -> User:
    return make_user("root@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def device(staff) -> TOTPDevice:
    """Set the second factor of `staff` up; return the authenticator."""
    replace_recovery_codes(staff)
    return TOTPDevice.objects.create(user=staff, name="Authenticator")


def sign_in_at_admin(client: Client, user: User) -> None:
    form = {"username": user.email, "password": user.raw_password}
    assert client.post("/admin/login/", form).status_code == 302


def sign_in_at_browsable_api(client: Client, user: User) -> None:
    form = {"username": user.email, "password": user.raw_password}
    assert client.post("/api-auth/login/", form).status_code == 302


def use_an_old_session(client: Client, user: User) -> None:
    client.force_login(user)


@pytest.fixture(params=[sign_in_at_admin, sign_in_at_browsable_api, use_an_old_session])
def half_way(request, client, staff, device) -> Client:
    """Sign `staff` in with the password only, through each door."""
    request.param(client, staff)
    return client
