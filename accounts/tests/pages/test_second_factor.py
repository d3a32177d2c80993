"""The second factor of staff, at every door of the admin."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.services.second_factor import replace_recovery_codes
from accounts.tests.second_factor import (
    ADMIN,
    CODE,
    SET_UP,
    code_of,
    opens,
    recovery_code,
)

pytestmark = pytest.mark.django_db


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
