import pytest
from django.contrib.auth.models import Permission

from accounts.models import User
from mediabackend.admin import BoundedPaginator

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(make_user, client):
    user = make_user("root@example.com", is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


def test_list__shows_counts_at_a_constant_number_of_queries(
    admin, make_user, django_assert_max_num_queries
):
    for number in range(30):
        make_user(f"user{number}@example.com", item_count=number)
    with django_assert_max_num_queries(8):
        response = admin.get("/admin/accounts/user/")
    assert response.status_code == 200
    assert b"user29@example.com" in response.content


def test_actions__on_all_are_on_no_more_than_the_list_shows(
    admin, make_user, monkeypatch
):
    monkeypatch.setattr(BoundedPaginator, "DEPTH", 2)
    users = [make_user(f"spam{number}@example.com") for number in range(3)]
    response = admin.post(
        "/admin/accounts/user/?q=spam",
        {
            "action": "deactivate",
            "select_across": "1",
            "_selected_action": [str(users[0].pk)],
        },
        follow=True,
    )
    assert "There are more than 2." in response.content.decode()
    assert not User.objects.filter(is_active=False).exists()


def test_add__creates_a_user(admin):
    response = admin.post(
        "/admin/accounts/user/add/",
        {
            "email": "New@example.com",
            "usable_password": "true",
            "password1": "correct horse 9",
            "password2": "correct horse 9",
        },
    )
    assert response.status_code == 302, response.content.decode()
    assert User.objects.get(email="new@example.com").check_password("correct horse 9")


def test_add__with_a_known_email_is_refused(admin, make_user):
    make_user("ann@example.com")
    response = admin.post(
        "/admin/accounts/user/add/",
        {
            "email": "ANN@example.com",
            "usable_password": "true",
            "password1": "correct horse 9",
            "password2": "correct horse 9",
        },
    )
    assert response.status_code == 200
    assert b"already exists" in response.content or b"taken" in response.content


def test_change__page_opens_and_never_shows_the_hash(admin, user):
    response = admin.get(f"/admin/accounts/user/{user.pk}/change/")
    assert response.status_code == 200
    assert user.password.encode() not in response.content


def test_actions__deactivate_and_activate(admin, user):
    def run(action: str) -> None:
        response = admin.post(
            "/admin/accounts/user/",
            {"action": action, "_selected_action": [str(user.pk)]},
        )
        assert response.status_code == 302

    run("deactivate")
    user.refresh_from_db()
    assert not user.is_active
    run("activate")
    user.refresh_from_db()
    assert user.is_active


def test_deactivate__spares_oneself(admin):
    root = User.objects.get(email="root@example.com")
    admin.post(
        "/admin/accounts/user/",
        {"action": "deactivate", "_selected_action": [str(root.pk)]},
    )
    root.refresh_from_db()
    assert root.is_active


@pytest.fixture
def helper(make_user, client):
    """Sign in somebody who may change and delete users, and nothing else."""
    helper = make_user("helper@example.com", is_staff=True)
    permissions = Permission.objects.filter(
        codename__in=["view_user", "change_user", "delete_user"]
    )
    helper.user_permissions.set(permissions)
    client.force_login(helper)
    return client


def test_attack__staff_cannot_make_themselves_superusers(helper):
    me = User.objects.get()
    url = f"/admin/accounts/user/{me.pk}/change/"
    body = {"email": me.email, "is_active": "on", "is_superuser": "on"}
    helper.post(url, body)
    me.refresh_from_db()
    assert not me.is_superuser


def test_attack__staff_cannot_take_a_superuser_over(helper, make_user):
    root = make_user("root@example.com", is_staff=True, is_superuser=True)
    for page in ("change", "password", "delete"):
        url = f"/admin/accounts/user/{root.pk}/{page}/"
        assert helper.post(url, {"post": "yes"}).status_code == 403
    helper.post(
        "/admin/accounts/user/",
        {"action": "deactivate", "_selected_action": [str(root.pk)]},
    )
    root.refresh_from_db()
    assert root.is_active


def test_delete__of_somebody_with_images_needs_the_right_to_delete_those(
    helper, make_user
):
    ann = make_user("ann@example.com", item_count=2)
    url = f"/admin/accounts/user/{ann.pk}/delete/"
    page = helper.get(url)
    assert b"image" in page.content
    assert helper.post(url, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=ann.pk).exists()


def test_attack__staff_activate_an_administrator(client, make_user):
    root = make_user("root@example.com", is_superuser=True, is_active=False)
    clerk = make_user("clerk@example.com", is_staff=True)
    for codename in ("view_user", "change_user"):
        clerk.user_permissions.add(Permission.objects.get(codename=codename))
    client.force_login(clerk)
    body = {"action": "activate", "_selected_action": [str(root.pk)], "index": 0}
    client.post("/admin/accounts/user/", body)
    root.refresh_from_db()
    assert not root.is_active
