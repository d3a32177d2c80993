"""The second factor of staff, at every door of the admin."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from accounts.services.second_factor import (
    confirm_authenticator,
    replace_recovery_codes,
    unconfirmed_authenticator,
)

pytestmark = pytest.mark.django_db
ADMIN = "/admin/"
CODE = "/admin/second-factor/"
SET_UP = "/admin/second-factor/setup/"


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


def code_of(device: TOTPDevice, steps: int = 0) -> str:
    """Return the code that the authenticator shows, or shows some steps later."""
    return f"{totp(device.bin_key, t0=-steps * device.step):06}"


def recovery_code() -> str:
    return StaticToken.objects.first().token


def opens(client: Client) -> bool:
    """Say whether the admin opens; otherwise it sends to the page for a code."""
    response = client.get(ADMIN, follow=True)
    if response.redirect_chain:
        assert response.redirect_chain[-1][0].startswith(CODE), response.redirect_chain
        return False
    return response.status_code == 200


@pytest.fixture(params=[sign_in_at_admin, sign_in_at_browsable_api, use_an_old_session])
def half_way(request, client, staff, device) -> Client:
    """Sign `staff` in with the password only, through each door."""
    request.param(client, staff)
    return client


def test_admin__asks_for_a_code_at_each_door(half_way, device):
    assert not opens(half_way)
    response = half_way.post(CODE, {"code": code_of(device)})
    assert (response.status_code, response["Location"]) == (302, ADMIN)
    assert opens(half_way)


def test_attack__no_page_of_the_admin_opens_without_a_code(half_way, staff):
    """Each named page that needs no argument, and those of a user."""
    names = get_resolver().namespace_dict["admin"][1].reverse_dict
    paths = {
        ADMIN + found[0][0][0]
        for key, found in names.items()
        if isinstance(key, str) and not found[0][0][1]
    }
    assert len(paths) > 20
    paths |= {
        f"/admin/accounts/user/{staff.pk}/{page}/" for page in ("change", "password")
    }
    for path in paths - {"/admin/login/", "/admin/logout/", CODE, SET_UP}:
        for send in (half_way.get, half_way.post):
            response = send(path)
            assert response.status_code == 302, path
            assert response["Location"].startswith("/admin/login/?next="), path


@pytest.mark.parametrize(
    "wrong", ["000000", "abcdefgh", "", "１２３４５６", "\x00" * 6]
)
def test_admin__stays_closed_after_a_wrong_code(half_way, wrong):
    assert half_way.post(CODE, {"code": wrong}).status_code == 200
    assert not opens(half_way)


def test_code__of_somebody_else_does_not_work(half_way, make_user):
    other = make_user("other@example.com", is_staff=True)
    theirs = TOTPDevice.objects.create(user=other, name="x")
    (recovery, *_) = replace_recovery_codes(other)
    for code in (code_of(theirs), recovery):
        half_way.post(CODE, {"code": code})
        assert not opens(half_way)


def test_code__works_once(client, staff, device):
    code = code_of(device)
    for expected in (302, 200):
        fresh = Client()
        fresh.force_login(staff)
        assert fresh.post(CODE, {"code": code}).status_code == expected


def test_recovery_code__works_once(client, staff, device):
    code = recovery_code()
    for expected in (302, 200):
        fresh = Client()
        fresh.force_login(staff)
        assert fresh.post(CODE, {"code": f" {code.upper()} "}).status_code == expected


@pytest.mark.parametrize("wrong", ["000000", "abcdefgh"])
def test_code__that_is_wrong_is_counted_and_logged(
    client, staff, device, wrong, caplog
):
    client.force_login(staff)
    client.post(CODE, {"code": wrong})
    assert "wrong code no. 1 of staff: root@example.com" in caplog.text
    kind = TOTPDevice if wrong.isdigit() else StaticDevice
    assert kind.objects.get().throttling_failure_count == 1


@pytest.mark.parametrize("kind", [TOTPDevice, StaticDevice])
def test_attack__guessing_has_to_wait_longer_each_time(client, staff, device, kind):
    codes = {TOTPDevice: code_of(device), StaticDevice: recovery_code()}
    # The next code may be tried 512 seconds after the tenth wrong one.
    kind.objects.update(
        throttling_failure_count=10, throttling_failure_timestamp=timezone.now()
    )
    client.force_login(staff)
    page = client.post(CODE, {"code": codes[kind]})
    assert "Too many wrong codes. Try again in 5" in page.content.decode()
    assert not opens(client)


def test_attack__guessing_counts_as_signing_in_does(client, staff, device, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "login": (2, 60)}
    client.force_login(staff)
    statuses = [client.post(CODE, {"code": "000000"}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_code__leads_to_no_other_site(client, staff, device):
    client.force_login(staff)
    form = {"code": code_of(device), "next": "https://evil.example.com/"}
    assert client.post(CODE, form)["Location"] == ADMIN


def test_code__leads_back_to_the_page_that_was_asked_for(client, staff, device):
    client.force_login(staff)
    page = client.get("/admin/accounts/user/?q=x", follow=True)
    assert b"nav-sidebar" not in page.content
    following = page.context["next"]
    response = client.post(CODE, {"code": code_of(device), "next": following})
    assert response["Location"] == "/admin/accounts/user/?q=x"


def test_session__gets_a_new_id_with_the_code(client, staff, device):
    client.force_login(staff)
    before = client.session.session_key
    client.post(CODE, {"code": code_of(device)})
    assert client.session.session_key != before


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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", [TOTPDevice, StaticDevice])
def test_attack__one_code_in_many_sessions_at_once_opens_one(staff, device, kind):
    code = {TOTPDevice: code_of(device), StaticDevice: recovery_code()}[kind]
    clients = [Client() for _ in range(4)]
    for client in clients:
        client.force_login(staff)
    barrier = threading.Barrier(len(clients))

    def give(client: Client) -> int:
        barrier.wait()
        status = client.post(CODE, {"code": code}).status_code
        connection.close()
        return status

    with ThreadPoolExecutor(len(clients)) as pool:
        statuses = list(pool.map(give, clients))
    assert sorted(statuses) == [200, 200, 200, 302]


def test_attack__a_second_authenticator_by_a_request_that_was_under_way(
    rf, staff, device
):
    request = rf.post(SET_UP)
    request.user = staff
    waiting = unconfirmed_authenticator(staff)
    assert not confirm_authenticator(request, code_of(waiting))
    assert TOTPDevice.objects.get(confirmed=True) == device
