"""The people that requests can come from, in the tests of who may do what."""

from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import SimpleCookie

from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from accounts.models import User

# A user of each of these kinds, but for the first, who has no account.
ROLES: dict[str, dict[str, bool]] = {
    "anonymous": {},
    # Signed in before the account was deactivated: with an old token and session,
    # and with the session alone.
    "suspended": {},
    "suspended, session": {},
    "stranger": {},
    "owner": {},
    # Staff without any right.
    "staff": {"is_staff": True},
    "moderator": {"is_staff": True},
    "superuser": {"is_staff": True, "is_superuser": True},
}


@dataclass
class Person:
    """Somebody in a role, and how they are signed in."""

    user: User | None
    access: str
    cookies: SimpleCookie

    def client(self) -> APIClient:
        """Return a new client: what a request does to its cookies stays in it."""
        client = APIClient(raise_request_exception=False)
        client.cookies = SimpleCookie(self.cookies.output(header="", sep=";"))
        if self.access:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.access}")
        return client


def make_person(
    role: str,
    make_user: Callable[..., User],
    sign_in: Callable[[User], dict[str, str]],
) -> Person:
    """Create somebody in this role, with a token and a session of the admin."""
    if role == "anonymous":
        return Person(None, "", SimpleCookie())
    user = make_user(f"{role.split(',')[0]}@example.com", **ROLES[role])
    if role == "moderator":
        user.groups.add(Group.objects.get_or_create(name="Moderators")[0])
    client = APIClient()
    client.force_login(user)
    access = "" if role == "suspended, session" else sign_in(user)["access"]
    person = Person(user, access, client.cookies)
    if role.startswith("suspended"):
        User.objects.filter(pk=user.pk).update(is_active=False)
    return person
