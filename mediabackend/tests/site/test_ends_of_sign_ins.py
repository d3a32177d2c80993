"""Each way to end sign-ins: tokens and browsers are refused at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.services.one_time_links import encode_uid, password_reset_tokens
from conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "violet harbour lamp 7"
ME = "/api/v1/users/me/"
TOKEN = "/api/v1/auth/token/"
REFRESH = "/api/v1/auth/token/refresh/"
VERIFY = "/api/v1/auth/token/verify/"
USERS = "/admin/accounts/user/"


@dataclass
class Device:
    """An app with tokens, and a browser, both signed in with the password."""

    user: User
    tokens: dict[str, str] = field(init=False)
    browser: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        body = {"email": self.user.email, "password": PASSWORD}
        self.tokens = APIClient().post(TOKEN, body).json()
        form = {"username": self.user.email, "password": PASSWORD}
        assert self.browser.post("/api-auth/login/", form).status_code == 302

    def send(self, method: str, url: str, body: object = None):
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.tokens['access']}")
        return getattr(client, method)(url, body)

    def access(self) -> int:
        """Return the status of a request, which a check of the token agrees with."""
        status = self.send("get", ME).status_code
        checked = APIClient().post(VERIFY, {"token": self.tokens["access"]})
        assert checked.status_code == status
        return status

    def refresh(self) -> int:
        token = self.tokens["refresh"]
        return APIClient().post(VERIFY, {"token": token}).status_code

    def cookie(self) -> int:
        return self.browser.get(ME).status_code

    def statuses(self) -> list[int]:
        return [self.access(), self.refresh(), self.cookie()]


ALIVE, DEAD = [200] * 3, [401] * 3


@pytest.fixture
def ann(make_user) -> User:
    return make_user("ann@example.com", is_staff=True)


@pytest.fixture
def devices(ann) -> list[Device]:
    return [Device(ann), Device(ann)]


@pytest.fixture
def admin(make_user, client) -> Client:
    root = make_user("root@example.com", is_staff=True, is_superuser=True)
    client.force_login(root)
    return client


class Ways:
    """Each function ends all sign-ins of `ann`; it may yield in between."""

    def __init__(self, ann: User, device: Device, admin: Client) -> None:
        self.ann, self.device, self.admin = ann, device, admin

    def password_set_in_the_admin(self) -> None:
        form = {"usable_password": "true", "password1": NEW, "password2": NEW}
        self._admin_post(f"{self.ann.pk}/password/", form | {"set-password": "1"})

    def password_disabled_in_the_admin(self) -> None:
        form = {"usable_password": "false", "unset-password": "1"}
        self._admin_post(f"{self.ann.pk}/password/", form)

    def admin_password_change(self) -> None:
        browser = Device(self.ann).browser
        form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
        assert browser.post("/admin/password_change/", form).status_code == 302
        # The browser that changed it goes on.
        assert browser.get(ME).status_code == 200

    def changepassword(self) -> None:
        with patch("getpass.getpass", return_value=NEW):
            call_command("changepassword", self.ann.email)

    def api_password_change(self) -> None:
        body = {"current_password": PASSWORD, "new_password": NEW}
        changed = self.device.send("post", "/api/v1/auth/password/change/", body)
        assert changed.status_code == 204

    def reset_by_mail(self) -> None:
        self.ann.refresh_from_db()
        token = password_reset_tokens.make_token(self.ann)
        body = {"uid": encode_uid(self.ann), "token": token, "new_password": NEW}
        done = APIClient().post("/api/v1/auth/password/reset/confirm/", body)
        assert done.status_code == 204

    def admin_actions(self) -> Iterator[None]:
        for action in ("deactivate", "activate"):
            form = {"action": action, "_selected_action": [str(self.ann.pk)]}
            self._admin_post("", form)
            yield
        assert User.objects.get(pk=self.ann.pk).is_active

    def admin_form(self) -> Iterator[None]:
        form = {"email": self.ann.email, "is_staff": "on"}
        form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00"}
        for active in ({}, {"is_active": "on"}):
            self._admin_post(f"{self.ann.pk}/change/", form | active)
            assert User.objects.get(pk=self.ann.pk).is_active is bool(active)
            yield

    def suspension(self) -> Iterator[None]:
        for action in ("suspend", "reinstate"):
            body = {"action": action, "item": [str(self.ann.pk)], "reason": "spam"}
            done = self.admin.post("/admin/images/decision/many/", body)
            assert done.status_code == 302
            active = User.objects.get(pk=self.ann.pk).is_active
            assert active is (action == "reinstate")
            yield

    def logout_all(self) -> None:
        done = self.device.send("post", "/api/v1/auth/logout/all/")
        assert done.status_code == 204

    def shell(self) -> None:
        ann = User.objects.get(pk=self.ann.pk)
        ann.set_unusable_password()
        ann.save(update_fields=["password"])

    def _admin_post(self, path: str, form: dict[str, object]) -> None:
        response = self.admin.post(USERS + path, form)
        assert response.status_code == 302, response.content.decode()


WAYS = [name for name in vars(Ways) if not name.startswith("_")]


@pytest.mark.parametrize("way", WAYS)
def test_all_sign_ins__end_by(ann, devices, admin, stranger, way):
    other = Device(stranger)
    assert [device.statuses() for device in devices] == [ALIVE, ALIVE]
    steps = getattr(Ways(ann, devices[0], admin), way)()
    for _ in steps or [None]:
        assert [device.statuses() for device in devices] == [DEAD, DEAD]
    assert [device.statuses() for device in devices] == [DEAD, DEAD]
    for device in devices:
        answer = APIClient().post(REFRESH, {"refresh": device.tokens["refresh"]})
        assert answer.status_code == 401
    assert not Session.objects.filter(user=ann, revoked_at=None).exists()
    assert other.statuses() == ALIVE


def log_out(device: Device) -> None:
    body = {"refresh": device.tokens["refresh"]}
    done = device.send("post", "/api/v1/auth/logout/", body)
    assert done.status_code == 204


def delete_session(device: Device) -> None:
    url = "/api/v1/users/me/sessions/"
    newest = device.send("get", url).json()[0]["id"]
    assert device.send("delete", f"{url}{newest}/").status_code == 204


def reuse_refresh_token(device: Device) -> None:
    first = {"refresh": device.tokens["refresh"]}
    # The token that was used last would work again.
    for _ in range(2):
        body = {"refresh": device.tokens["refresh"]}
        renewed = APIClient().post(REFRESH, body)
        assert renewed.status_code == 200
        device.tokens = renewed.json()
    assert APIClient().post(REFRESH, first).status_code == 401


@pytest.mark.parametrize("end", [log_out, delete_session, reuse_refresh_token])
def test_one_sign_in__ends_by(devices, end: Callable[[Device], None]):
    other, device = devices
    before = device.tokens["access"]
    end(device)
    assert (device.access(), device.refresh()) == (401, 401)
    answer = device.send("get", ME)
    assert answer.json()["errors"][0]["code"] == "session_ended"
    device.tokens["access"] = before
    assert device.access() == 401
    assert other.statuses() == ALIVE
    # A cookie is a sign-in of its own.
    assert device.cookie() == 200


def test_rehash__signs_nobody_out(ann, settings):
    """Two devices; the second signs in after the hasher has changed."""
    first = Device(ann)
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    second = Device(ann)
    assert User.objects.get(pk=ann.pk).password.startswith("scrypt$")
    assert first.statuses() == second.statuses() == ALIVE


def test_stale_save__revives_nothing(ann, devices):
    stale = User.objects.get(pk=ann.pk)
    Ways(ann, devices[0], Client()).api_password_change()
    User.objects.filter(pk=ann.pk).update(is_active=False)
    stale.display_name = "Ann"
    stale.save()
    assert [device.statuses() for device in devices] == [DEAD, DEAD]
    ann.refresh_from_db()
    assert (ann.display_name, ann.is_active) == ("Ann", False)
    assert ann.check_password(NEW)
    User.objects.filter(pk=ann.pk).update(is_active=True)
    assert [device.statuses() for device in devices] == [DEAD, DEAD]
