"""Attacks by staff who may change users or groups, and want more than that."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from accounts.models import FailedSignIn, User

pytestmark = pytest.mark.django_db
NEW = "another horse battery 9"
CLERK = ("view_user", "change_user", "delete_user", "add_user")
CLERK_OF_GROUPS = ("view_group", "change_group", "delete_group", "add_group")


def allow(holder: User | Group, *codenames: str) -> None:
    held = "permissions" if isinstance(holder, Group) else "user_permissions"
    found = Permission.objects.filter(codename__in=codenames)
    assert len(found) == len(codenames)
    getattr(holder, held).add(*found)


@pytest.fixture
def clerk(make_user) -> User:
    clerk = make_user("clerk@example.com", is_staff=True)
    allow(clerk, *CLERK, *CLERK_OF_GROUPS)
    return clerk


@pytest.fixture
def as_clerk(client, clerk) -> Client:
    client.force_login(clerk)
    return client


def moderator(make_user) -> User:
    user = make_user("moderator@example.com", is_staff=True)
    allow(user, "moderate_image")
    return user


def member_of_group(make_user) -> User:
    user = make_user("member@example.com", is_staff=True)
    group = Group.objects.create(name="Reviewers")
    allow(group, "moderate_image")
    user.groups.add(group)
    return user


def superuser(make_user) -> User:
    return make_user("root@example.com", is_staff=True, is_superuser=True)


def dormant_superuser(make_user) -> User:
    return make_user("old@example.com", is_superuser=True, is_active=False)


def dormant_moderator(make_user) -> User:
    user = moderator(make_user)
    user.is_active = False
    user.save()
    return user


@pytest.fixture(
    params=[
        moderator,
        member_of_group,
        superuser,
        dormant_superuser,
        dormant_moderator,
    ]
)
def stronger(request, make_user) -> User:
    """Somebody who has a permission that the clerk lacks."""
    return request.param(make_user)


def url(row: User | Group, page: str) -> str:
    return f"/admin/{row._meta.label_lower.replace('.', '/')}/{row.pk}/{page}/"


def act(client: Client, action: str, row: User | Group) -> None:
    path = f"/admin/{row._meta.label_lower.replace('.', '/')}/"
    form = {"action": action, "_selected_action": [str(row.pk)], "post": "yes"}
    client.post(path, form)


def test_attack__a_new_password_for_somebody_stronger(as_clerk, stronger):
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert as_clerk.post(url(stronger, "password"), form).status_code == 403
    stronger.refresh_from_db()
    assert not stronger.check_password(NEW)


def test_attack__another_email_for_somebody_stronger(as_clerk, stronger):
    form = {"email": "mine@example.com", "is_active": "on"}
    assert as_clerk.post(url(stronger, "change"), form).status_code == 403
    assert not User.objects.filter(email="mine@example.com").exists()


def test_attack__deleting_somebody_stronger(as_clerk, stronger):
    answer = as_clerk.post(url(stronger, "delete"), {"post": "yes"})
    assert answer.status_code == 403
    act(as_clerk, "delete_selected", stronger)
    assert User.objects.filter(pk=stronger.pk).exists()


@pytest.mark.parametrize("action", ["activate", "deactivate"])
def test_attack__switching_somebody_stronger_on_or_off(as_clerk, stronger, action):
    act(as_clerk, action, stronger)
    found = User.objects.get(pk=stronger.pk)
    assert found.is_active == stronger.is_active


def test_attack__unlocking_somebody_stronger(as_clerk, stronger, anonymous):
    body = {"email": stronger.email, "password": "wrong"}
    assert anonymous.post("/api/v1/auth/token/", body).status_code == 401
    act(as_clerk, "unlock", stronger)
    assert FailedSignIn.objects.filter(account=stronger.email).exists()


@pytest.mark.parametrize("page", ["change", "password"])
def test_clerk__manages_people_who_have_no_more(as_clerk, make_user, page):
    weaker = make_user("weaker@example.com", is_staff=True)
    allow(weaker, "view_user")
    form = {"email": "new@example.com", "is_active": "on", "usable_password": "true"}
    form |= {"password1": NEW, "password2": NEW}
    assert as_clerk.post(url(weaker, page), form).status_code == 302
    weaker.refresh_from_db()
    done = {"change": weaker.email == "new@example.com"}
    assert done.get(page, weaker.check_password(NEW))


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_attack__a_flag_for_somebody_else(as_clerk, user, flag):
    as_clerk.post(url(user, "change"), {"email": user.email, flag: "on"})
    user.refresh_from_db()
    assert not getattr(user, flag)


def test_attack__a_group_or_permission_for_oneself(as_clerk, clerk):
    group = Group.objects.create(name="Strong")
    wanted = Permission.objects.get(codename="moderate_image")
    form = {"email": clerk.email, "is_active": "on", "groups": group.pk}
    as_clerk.post(url(clerk, "change"), form | {"user_permissions": wanted.pk})
    assert not clerk.groups.exists()
    assert not clerk.user_permissions.filter(pk=wanted.pk).exists()


def test_attack__an_account_with_rights_from_the_start(as_clerk):
    form = {"email": "new@example.com", "usable_password": "true"}
    form |= {"password1": NEW, "password2": NEW}
    flags = {"is_staff": "on", "is_superuser": "on", "user_permissions": "1"}
    assert as_clerk.post("/admin/accounts/user/add/", form | flags).status_code == 302
    made = User.objects.get(email="new@example.com")
    assert (made.is_staff, made.is_superuser) == (False, False)
    assert not made.user_permissions.exists()


@pytest.fixture
def own_group(clerk) -> Group:
    group = Group.objects.create(name="Clerks")
    clerk.groups.add(group)
    return group


@pytest.fixture
def save_group(as_clerk) -> Callable[..., set[str]]:
    """Save a group with these permissions, and return those that it has then."""

    def save(group: Group | None, *codenames: str) -> set[str]:
        keys = Permission.objects.filter(codename__in=codenames).values_list("pk")
        form = {"name": "Clerks", "permissions": [key for (key,) in keys]}
        path = url(group, "change") if group else "/admin/auth/group/add/"
        as_clerk.post(path, form)
        has = Permission.objects.filter(group__name="Clerks")
        return set(has.values_list("codename", flat=True))

    return save


def test_attack__everything_for_the_own_group(save_group, own_group):
    everything = Permission.objects.values_list("codename", flat=True)
    assert save_group(own_group, *everything) == set()
    assert save_group(own_group, "view_user", "moderate_image") == set()
    assert save_group(own_group, "view_user") == {"view_user"}


def test_attack__a_new_group_with_more(save_group):
    assert save_group(None, "moderate_image") == set()
    assert save_group(None, "view_user") == {"view_user"}


def test_attack__changing_or_deleting_a_stronger_group(as_clerk, save_group):
    group = Group.objects.create(name="Clerks")
    allow(group, "moderate_image")
    assert save_group(group) == {"moderate_image"}
    assert as_clerk.post(url(group, "delete"), {"post": "yes"}).status_code == 403
    act(as_clerk, "delete_selected", group)
    assert Group.objects.filter(pk=group.pk).exists()


def test_clerk__deletes_a_group_that_has_no_more(as_clerk, own_group):
    answer = as_clerk.post(url(own_group, "delete"), {"post": "yes"})
    assert answer.status_code == 302
    assert not Group.objects.filter(pk=own_group.pk).exists()


def test_superuser__gives_a_group_everything(client, make_user, own_group):
    client.force_login(superuser(make_user))
    keys = list(Permission.objects.values_list("pk", flat=True))
    client.post(url(own_group, "change"), {"name": "Clerks", "permissions": keys})
    assert own_group.permissions.count() == len(keys)
