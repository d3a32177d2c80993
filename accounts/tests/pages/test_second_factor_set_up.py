"""Setting the second factor of staff up, and removing it."""

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.services.second_factor import (
    confirm_authenticator,
    unconfirmed_authenticator,
)
from accounts.tests.second_factor import ADMIN, CODE, SET_UP, code_of, opens

pytestmark = pytest.mark.django_db


@pytest.fixture
def set_up(client, staff) -> Callable[[], list[str]]:
    """Set the second factor up on its page; return the recovery codes."""

    def run() -> list[str]:
        page = client.get(SET_UP)
        assert 'src="data:image/svg+xml;base64,' in page.content.decode()
        waiting = TOTPDevice.objects.get(user=staff)
        secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page.content.decode())
        assert len(secret[1].replace(" ", "")) == 32
        page = client.post(SET_UP, {"code": code_of(waiting)})
        assert "no-store" in page["Cache-Control"]
        return re.findall(r"<li><code>(\w+)</code>", page.content.decode())

    return run


def test_set_up__closes_other_sessions_and_not_this_one(client, staff, set_up):
    other = Client()
    for session in (client, other):
        session.force_login(staff)
        assert opens(session)
    codes = set_up()
    assert len(set(codes)) == 10
    assert opens(client)
    assert not opens(other)
    other.post(CODE, {"code": codes[3]})
    assert opens(other)


def test_set_up__needs_a_code_of_the_app(client, staff):
    client.force_login(staff)
    client.get(SET_UP)
    client.post(SET_UP, {"code": "000000"})
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert opens(client)


def test_attack__setting_up_a_second_authenticator(half_way, device):
    for response in (half_way.get(SET_UP), half_way.post(SET_UP, {"code": "000000"})):
        assert response["Location"].startswith(CODE)
    assert TOTPDevice.objects.get() == device


def test_attack__people_who_are_no_staff_set_nothing_up(client, user):
    client.force_login(user)
    for path in (CODE, SET_UP):
        assert client.get(path)["Location"].startswith("/admin/login/")
    assert not TOTPDevice.objects.exists()


def test_remove__needs_a_code(client, staff, set_up):
    client.force_login(staff)
    codes = set_up()
    client.post(SET_UP, {"code": "abcdefgh", "remove": ""})
    assert TOTPDevice.objects.exists()
    device = StaticToken.objects.first().device
    device.throttle_reset()
    client.post(SET_UP, {"code": codes[0], "remove": ""})
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert not StaticToken.objects.exists()
    assert opens(client)


def test_renew__replaces_the_recovery_codes(client, staff, set_up):
    client.force_login(staff)
    old = set_up()
    page = client.post(SET_UP, {"code": old[0], "renew": ""})
    new = re.findall(r"<li><code>(\w+)</code>", page.content.decode())
    assert len(new) == 10
    assert not set(new) & set(old)
    assert set(StaticToken.objects.values_list("token", flat=True)) == set(new)


def test_required__staff_without_one_can_only_set_it_up(
    client, staff, settings, set_up
):
    settings.ADMIN_REQUIRE_OTP = True
    client.force_login(staff)
    assert client.get(ADMIN, follow=True).redirect_chain[-1][0] == SET_UP
    assert client.get("/admin/accounts/user/").status_code == 302
    set_up()
    assert opens(client)


def test_reset_otp__removes_it(client, staff, device, capsys):
    call_command("reset_otp", "ROOT@example.com")
    assert "Removed" in capsys.readouterr().out
    client.force_login(staff)
    assert opens(client)
    with pytest.raises(CommandError, match="has no second factor"):
        call_command("reset_otp", staff.email)
    with pytest.raises(CommandError, match="No account"):
        call_command("reset_otp", "nobody@example.com")


def test_attack__old_codes_of_a_session_do_not_open_a_new_authenticator(
    client, staff, device
):
    client.force_login(staff)
    client.post(CODE, {"code": code_of(device)})
    call_command("reset_otp", staff.email)
    TOTPDevice.objects.create(user=staff, name="New")
    assert not opens(client)


def test_attack__secrets_are_on_no_page_of_the_admin(client, make_user, device):
    other = make_user("other@example.com", is_staff=True, is_superuser=True)
    other.user_permissions.set(Permission.objects.all())
    client.force_login(other)
    for path in ("otp_totp/totpdevice/", "otp_static/staticdevice/"):
        assert client.get(f"{ADMIN}{path}").status_code == 404


def test_token_requests__look_for_no_second_factor(
    client_of, staff, device, django_assert_num_queries
):
    api = client_of(staff)
    with django_assert_num_queries(1):
        assert api.get("/api/v1/users/me/").status_code == 200


def test_attack__a_second_authenticator_by_a_request_that_was_under_way(
    rf, staff, device
):
    request = rf.post(SET_UP)
    request.user = staff
    waiting = unconfirmed_authenticator(staff)
    assert not confirm_authenticator(request, code_of(waiting))
    assert TOTPDevice.objects.get(confirmed=True) == device
