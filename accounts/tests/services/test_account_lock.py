"""The lock on one account, whatever the networks that its password is guessed from."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import FailedSignIn, KnownNetwork
from accounts.services.one_time_links import encode_uid, password_reset_tokens

pytestmark = pytest.mark.django_db
TOKEN = "/api/v1/auth/token/"
LIMIT, SITE_LIMIT = 12, 8
HOME, ELSEWHERE = "192.0.2.7", "198.51.100.99"
NEW = "violet harbour lamp 7"


@pytest.fixture(autouse=True)
def limits(settings):
    settings.LOCKOUT_FAILURES = 5
    settings.LOCKOUT_SITE_FAILURES = SITE_LIMIT
    settings.LOCKOUT_ACCOUNT_FAILURES = LIMIT


@pytest.fixture
def attempt(anonymous):
    """Try to sign in; returns the answer."""

    def post(ip: str, password: str = "wrong", email: str = "ann@example.com"):
        body = {"email": email, "password": password}
        return anonymous.post(TOKEN, body, REMOTE_ADDR=ip)

    return post


@pytest.fixture
def attack(attempt):
    """Guess until the account is locked, each time from another network."""

    def guess(email: str = "ann@example.com") -> None:
        ips = [f"203.0.113.{number}" for number in range(LIMIT)]
        assert {attempt(ip, email=email).status_code for ip in ips} == {401}
        assert attempt("203.0.113.200", email=email).status_code == 429

    return guess


def code_of(response) -> str:
    return response.json()["errors"][0]["code"]


def test_defaults__are_those_of_nist():
    from mediabackend import settings

    assert settings.LOCKOUT_ACCOUNT_FAILURES == 100
    assert settings.LOCKOUT_SITE_FAILURES == 5 * settings.LOCKOUT_FAILURES


def test_attack__from_many_networks_ends_at_the_limit(attempt, attack, user):
    attack()
    response = attempt(ELSEWHERE, user.raw_password)
    assert (response.status_code, code_of(response)) == (429, "login_locked")
    assert int(response["Retry-After"]) > 0
    assert "by mail" in response.json()["errors"][0]["detail"]


def test_attack__does_not_end_with_time(attempt, attack, user):
    attack()
    FailedSignIn.objects.update(last_at=timezone.now() - timedelta(days=1000))
    call_command("cleanup_accounts")
    assert attempt(ELSEWHERE, user.raw_password).status_code == 429


def test_attack__shuts_nobody_out_of_a_known_network(attempt, attack, user):
    assert attempt(HOME, user.raw_password).status_code == 200
    attack()
    assert attempt(HOME).status_code == 401
    assert attempt(HOME, user.raw_password).status_code == 200


def test_known_network__still_has_its_own_lock(attempt, attack, user):
    assert attempt(HOME, user.raw_password).status_code == 200
    attack()
    assert [attempt(HOME).status_code for _ in range(6)] == [401] * 5 + [429]


def test_sign_up__makes_a_network_known(attempt, attack, anonymous, settings):
    for safe in (False, True):
        settings.SIGNUP_ENUMERATION_SAFE = safe
        body = {"email": f"new{safe}@example.com", "password": NEW}
        anonymous.post("/api/v1/auth/signup/", body, REMOTE_ADDR=HOME)
        attack(body["email"])
        assert attempt(HOME, NEW, body["email"]).status_code == 200


@pytest.mark.parametrize("safe", [False, True])
def test_attack__a_sign_up_for_a_taken_email_makes_no_network_known(
    anonymous, user, settings, safe
):
    settings.SIGNUP_ENUMERATION_SAFE = safe
    body = {"email": user.email, "password": NEW}
    anonymous.post("/api/v1/auth/signup/", body, REMOTE_ADDR=ELSEWHERE)
    assert not KnownNetwork.objects.exists()


@pytest.mark.parametrize(("days", "status"), [(89, 200), (91, 429)])
def test_known_network__is_forgotten_after_90_days(attempt, attack, user, days, status):
    attempt(HOME, user.raw_password)
    attack()
    KnownNetwork.objects.update(last_used_at=timezone.now() - timedelta(days=days))
    assert attempt(HOME, user.raw_password).status_code == status
    call_command("cleanup_accounts")
    assert KnownNetwork.objects.exists() == (status == 200)


def test_known_network__of_ipv6_is_a_64(attempt, attack, user):
    attempt("2001:db8:0:1::1", user.raw_password)
    attack()
    assert attempt("2001:db8:0:2::1", user.raw_password).status_code == 429
    assert attempt("2001:db8:0:1::9", user.raw_password).status_code == 200


def test_known_network__is_one_of_this_account(attempt, attack, user, stranger):
    attempt(ELSEWHERE, stranger.raw_password, stranger.email)
    attack()
    assert attempt(ELSEWHERE, user.raw_password).status_code == 429


def test_success__begins_anew(attempt, user):
    for _ in range(3):
        for number in range(LIMIT - 1):
            assert attempt(f"203.0.113.{number}").status_code == 401
        assert attempt(HOME, user.raw_password).status_code == 200
        FailedSignIn.objects.exclude(network="all").delete()


def test_unknown_account__is_locked_in_the_same_way(attempt, attack, user):
    answers = {}
    for email in (user.email, "nobody@example.com"):
        attack(email)
        response = attempt(ELSEWHERE, email=email)
        answers[email] = response.status_code, response.content
    assert len(set(answers.values())) == 1


def test_reset_by_mail__unlocks_and_lets_in(attempt, attack, anonymous, user):
    attack()
    user.refresh_from_db()
    body = {
        "uid": encode_uid(user),
        "token": password_reset_tokens.make_token(user),
        "new_password": NEW,
    }
    url = "/api/v1/auth/password/reset/confirm/"
    assert anonymous.post(url, body, REMOTE_ADDR=HOME).status_code == 204
    # The attack goes on before the user signs in.
    attack()
    assert attempt(HOME, NEW).status_code == 200


def test_unlock__by_command(attempt, attack, user, capsys):
    attack()
    call_command("unlock_account", user.email.upper())
    assert "unlocked" in capsys.readouterr().out
    assert attempt(ELSEWHERE, user.raw_password).status_code == 200
    with pytest.raises(CommandError, match="no account"):
        call_command("unlock_account", "nobody@example.com")


def test_unlock__in_the_admin(attempt, attack, user, make_user, client):
    attack()
    root = make_user("root@example.com", is_staff=True, is_superuser=True)
    client.force_login(root)
    form = {"action": "unlock", "_selected_action": [str(user.pk)]}
    assert client.post("/admin/accounts/user/", form).status_code == 302
    assert attempt(ELSEWHERE, user.raw_password).status_code == 200


def test_attack__networks_of_one_ipv6_48_are_bounded(attempt, user):
    guesses = [attempt(f"2001:db8:0:{n:x}::1").status_code for n in range(SITE_LIMIT)]
    assert set(guesses) == {401}
    response = attempt("2001:db8:0:ffff::1", user.raw_password)
    assert (response.status_code, code_of(response)) == (429, "login_locked")
    assert attempt("2001:db8:1::1", user.raw_password).status_code == 200


def test_attack__in_a_48_does_not_shut_out_a_known_neighbour(attempt, user):
    attempt("2001:db8:0:9::1", user.raw_password)
    for number in range(SITE_LIMIT):
        attempt(f"2001:db8:0:{0x100 + number:x}::1")
    assert attempt("2001:db8:0:aaaa::1").status_code == 429
    assert attempt("2001:db8:0:9::1", user.raw_password).status_code == 200


def test_refused_attempt__counts_nowhere(attempt, user):
    for _ in range(20):
        attempt(HOME)
    assert FailedSignIn.objects.get(network="all").number == 5


def test_inactive_user__right_and_wrong_passwords_are_counted_alike(attempt, user):
    user.is_active = False
    user.save()
    right = [attempt(HOME, user.raw_password).status_code for _ in range(6)]
    assert right == [401] * 5 + [429]


@pytest.mark.django_db(transaction=True)
def test_attack__simultaneous_attempts_check_no_more_passwords(user):
    parties = LIMIT + 4
    barrier = Barrier(parties)
    statuses: list[int] = []

    def run(number: int) -> None:
        body = {"email": user.email, "password": "wrong"}
        barrier.wait()
        ip = f"203.0.113.{number}"
        statuses.append(APIClient().post(TOKEN, body, REMOTE_ADDR=ip).status_code)
        connection.close()

    threads = [Thread(target=run, args=[number]) for number in range(parties)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [401] * LIMIT + [429] * 4
