"""Every route and every action of the admin, by everybody: see `permission_table`."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from mediabackend.tests.site import permission_table as table
from mediabackend.tests.site.permission_objects import make_objects
from mediabackend.tests.site.permission_rows import (
    LOGIN,
    NOT_OFFERED,
    OK,
    Outcome,
    Row,
)
from mediabackend.tests.site.roles import ROLES, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
TABLE = "mediabackend/tests/site/permission_table.py"
OBJECTS = "mediabackend/tests/site/permission_objects.py"
METHODS = ("get", "post", "put", "patch", "delete")


def patterns(resolver: Any, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Yield each pattern with its whole path, parameters as `{name}`."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, path)
        else:
            path = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", r"{\1\2}", path)
            yield re.sub(r"\^|\$|\\Z", "", path), pattern


def methods_of(callback: Any) -> list[str]:
    """Return the methods that a view has code for; a mere function may take two."""
    if actions := getattr(callback, "actions", None):
        # `head` joins them at the first request.
        return [name for name in METHODS if name in actions]
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    if view is None:
        return ["get", "post"]
    names = callback.view_initkwargs.get("http_method_names", view.http_method_names)
    return [name for name in METHODS if name in names and hasattr(view, name)]


def all_routes() -> set[str]:
    return {
        f"{method.upper()} {path}"
        for path, pattern in patterns(get_resolver())
        for method in methods_of(pattern.callback)
    }


def all_actions() -> set[str]:
    request = RequestFactory().get("/")
    request.user = User(is_active=True, is_staff=True, is_superuser=True)
    return {
        f"{model._meta.label} {name}"
        for model, model_admin in admin.site._registry.items()
        for name in model_admin.get_actions(request)
    }


def assert_complete(kind: str, found: set[str], rows: set[str]) -> None:
    for name in sorted(found - rows):
        pytest.fail(f"{TABLE} has no row for the {kind} {name!r}: add who gets what.")
    for name in sorted(rows - found):
        pytest.fail(f"{TABLE} has a row for {name!r}, but there is no such {kind}.")


class World:
    """Somebody in a role, and the things that the routes are about."""

    def __init__(self, role: str, make_user: Any, sign_in: Any) -> None:
        owner = make_person("owner", make_user, sign_in)
        self.role = role
        self.person = owner
        if role != "owner":
            self.person = make_person(role, make_user, sign_in)
        self.client = self.person.client()
        self.objects = make_objects(owner.user)

    def request(self, method: str, path: str, form: dict[str, str]) -> Outcome:
        """Send a request, undo what it did, and say what came of it."""
        return outcome(self.send(method, path, form))

    def send(
        self, method: str, path: str, form: dict[str, str], accept: str = "*/*"
    ) -> Any:
        """Send a request, undo what it did, and return the answer."""
        send = getattr(self.client, method.lower())
        # Signing out takes cookies away.
        self.client.cookies = SimpleCookie(self.person.cookies)
        with transaction.atomic():
            if method == "GET":
                response = send(path, headers={"Accept": accept})
            elif path.startswith("/api/v1/"):
                response = send(path, {}, format="json")
            else:
                response = send(path, form, format="multipart")
            if response.streaming:
                # To the end: an export counts as running until then.
                response.getvalue()
            transaction.set_rollback(True)
        return response

    def url(self, path: str) -> str:
        """Put a thing into the path in place of its parameters."""
        if "{" not in path:
            return path
        name = path[: path.index("}") + 1]
        assert name in self.objects, f"{OBJECTS}: say what stands at {name!r}."
        return re.sub(r"\{\w+\}", str(self.objects[name]), path)


def outcome(response: Any) -> Outcome:
    if response.status_code >= 400:
        return response.status_code
    if "/login/?next=" in response.get("Location", ""):
        return LOGIN
    said = [str(message) for message in get_messages(response.wsgi_request)]
    return NOT_OFFERED if "No action selected." in said else OK


@pytest.fixture(params=ROLES)
def world(request, make_user, sign_in) -> World:
    return World(request.param, make_user, sign_in)


def assert_as_in_table(
    role: str, rows: dict[str, Row], found: dict[str, Outcome]
) -> None:
    wrong = [
        f"{name}: {role} gets {came!r}, not {rows[name].of(role)!r}"
        for name, came in found.items()
        if came != rows[name].of(role)
    ]
    assert not wrong, f"\n{TABLE} says otherwise:\n" + "\n".join(wrong)


def test_table__has_a_row_for_every_route():
    assert_complete("route", all_routes(), set(table.ROUTES))


def test_table__has_a_row_for_every_action_of_the_admin():
    assert_complete("action", all_actions(), set(table.ACTIONS))


def test_routes__are_for_those_in_the_table(world):
    found = {}
    for name in table.ROUTES:
        method, path = name.split()
        found[name] = world.request(method, world.url(path), {"post": "yes"})
    assert_as_in_table(world.role, table.ROUTES, found)


def test_actions__are_for_those_in_the_table(world):
    found = {}
    for name in table.ACTIONS:
        label, action = name.split()
        path = f"/admin/{label.lower().replace('.', '/')}/"
        row = str(world.objects[path + "{object_id}"])
        form = {"action": action, "_selected_action": row, "index": "0"}
        found[name] = world.request("POST", path, form)
    assert_as_in_table(world.role, table.ACTIONS, found)


def test_outcome__knows_an_action_that_was_not_offered(make_user, sign_in):
    """Django answers as if nothing had been chosen, with a redirect as for others."""
    world = World("staff", make_user, sign_in)
    look = Permission.objects.get(codename="view_pendingdeletion")
    world.person.user.user_permissions.add(look)
    row = world.objects["/admin/images/pendingdeletion/{object_id}"]
    form = {"_selected_action": str(row), "index": "0"}
    outcomes = [
        world.request("POST", "/admin/images/pendingdeletion/", form | {"action": name})
        for name in ("retry", "delete_selected")
    ]
    assert outcomes == [OK, NOT_OFFERED]
