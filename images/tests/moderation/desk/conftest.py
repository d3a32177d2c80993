"""Fixtures of the tests of the moderators' pages."""

from collections.abc import Callable
from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import User
from images.models import Image
from images.moderation.reports import report_image

ADMIN = "/admin/images"
QUEUE = f"{ADMIN}/decision/queue/"
MANY = f"{ADMIN}/decision/many/"


def image_url(image: Image) -> str:
    return f"{ADMIN}/decision/image/{image.pk}/"


def user_url(user: User) -> str:
    return f"{ADMIN}/decision/user/{user.pk}/"


@pytest.fixture
def moderator(make_user) -> User:
    """Make a member of the group that the migration makes, and nothing more."""
    # Tests with transactions of their own empty all tables, of this too.
    import_module("images.migrations.0001_initial").add_group(apps, None)
    user = make_user("moderator@example.com", display_name="Mo", is_staff=True)
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


@pytest.fixture
def root(make_user) -> User:
    return make_user("root@example.com", is_staff=True, is_superuser=True)


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """Return a signed-in browser."""

    def make(user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return make


@pytest.fixture
def desk(browser_of, moderator) -> Client:
    """Return the browser of the moderator."""
    return browser_of(moderator)


@pytest.fixture
def decide(desk) -> Callable[..., object]:
    """Send a decision on an image or user from the moderator's browser."""

    def send(target: Image | User, action: str, client: Client = desk, **fields):
        if isinstance(target, User):
            url = user_url(target)
        else:
            url = image_url(target)
            fields = {
                "seen": target.decision_count,
                "file": target.file.name,
                **fields,
            }
        return client.post(f"{url}decide/", {"action": action, **fields})

    return send


@pytest.fixture
def report(make_user) -> Callable[..., object]:
    """Report an image, each time as somebody else."""

    def send(image: Image, reason: str = "spam", details: str = "", **fields):
        by = make_user(f"reporter{User.objects.count()}@example.com", **fields)
        return report_image(image=image, by=by, reason=reason, details=details)[0]

    return send
