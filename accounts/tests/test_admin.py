import pytest

from accounts.models import User

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
        make_user(f"user{number}@example.com", image_count=number)
    with django_assert_max_num_queries(8):
        response = admin.get("/admin/accounts/user/")
    assert response.status_code == 200
    assert b"user29@example.com" in response.content


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


def test_add__with_a_known_address_is_refused(admin, make_user):
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
