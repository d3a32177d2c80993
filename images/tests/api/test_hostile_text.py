"""Texts that people typed are shown as text on every page."""

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.html import escape

from images.models import Image
from images.outbox.models import PendingDeletion

pytestmark = pytest.mark.django_db
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}"
LINK = "javascript:alert(1)//https://x.example/\"onmouseover='alert(1)"
IMAGES, USERS = "/admin/images/image/", "/admin/accounts/user/"


@pytest.fixture
def root(make_user, client):
    user = make_user(
        "root@example.com", is_staff=True, is_superuser=True, display_name=HOSTILE
    )
    client.force_login(user)
    return client


@pytest.fixture
def hostile(stored_image, user) -> Image:
    user.display_name = HOSTILE
    user.save()
    return stored_image(caption=HOSTILE, alt_text=HOSTILE)


def assert_harmless(response) -> None:
    page = response.content.decode()
    assert response.status_code == 200
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript:' not in page
    assert '"onmouseover' not in page


@pytest.mark.parametrize(
    "page",
    ["", "?q=%3Cscript%3Ealert(1)", "{pk}/change/", "{pk}/delete/", "{pk}/history/"],
)
def test_admin__of_images(root, hostile, page):
    response = root.get(IMAGES + page.format(pk=hostile.pk))
    assert_harmless(response)
    if "q=" not in page:
        assert escape("<img src=x onerror") in response.content.decode()


def test_admin__confirmation_of_many_deletions(root, hostile):
    response = root.post(
        IMAGES, {"action": "delete_selected", "_selected_action": [str(hostile.pk)]}
    )
    assert_harmless(response)
    assert escape("<script>alert(1)") in response.content.decode()


@pytest.mark.parametrize(
    "page", ["", "{pk}/change/", "{pk}/delete/", "{pk}/history/", "{pk}/password/"]
)
def test_admin__of_users(root, hostile, page):
    assert_harmless(root.get(USERS + page.format(pk=hostile.owner_id)))


def test_admin__log_and_messages(root, hostile):
    for caption in (HOSTILE, LINK):
        response = root.post(
            f"{IMAGES}{hostile.pk}/change/",
            {"caption": caption, "alt_text": HOSTILE},
            follow=True,
        )
        assert_harmless(response)
    assert LogEntry.objects.count() == 2
    response = root.post(f"{IMAGES}{hostile.pk}/delete/", {"post": "yes"}, follow=True)
    assert_harmless(response)
    # The list of recent actions.
    assert_harmless(root.get("/admin/"))


def test_admin__of_pending_deletions(root):
    row = PendingDeletion.objects.create(
        name=HOSTILE, reason="deleted", last_error=HOSTILE
    )
    assert_harmless(root.get("/admin/images/pendingdeletion/"))
    assert_harmless(root.get(f"/admin/images/pendingdeletion/{row.pk}/change/"))


@pytest.mark.parametrize("text", [HOSTILE, LINK], ids=["script", "link"])
@pytest.mark.parametrize(
    "path", ["/api/v1/images/", "/api/v1/images/{pk}/", "/api/v1/users/me/"]
)
def test_browsable_api__with_its_forms(client, user, stored_image, path, text):
    image = stored_image(caption=text, alt_text=text)
    user.display_name = text[:100]
    user.save()
    client.force_login(user)
    response = client.get(path.format(pk=image.pk), headers={"Accept": "text/html"})
    assert_harmless(response)
    assert escape(text[:20]) in response.content.decode()


def test_browsable_api__errors_and_searches(client, user):
    client.force_login(user)
    response = client.get(
        "/api/v1/images/", {"search": HOSTILE}, headers={"Accept": "text/html"}
    )
    assert_harmless(response)
    response = client.get(
        "/api/v1/images/", {"visibility": HOSTILE}, headers={"Accept": "text/html"}
    )
    assert response.status_code == 400
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("path", ["/admin/login/", "/api-auth/login/"])
def test_sign_in__shows_a_hostile_name_as_text(client, path):
    response = client.post(
        f"{path}?next={HOSTILE}", {"username": HOSTILE, "password": "x"}
    )
    assert_harmless(response)


@pytest.mark.parametrize("field", ["caption", "alt_text"])
def test_admin__refuses_control_characters(root, hostile, field):
    data = {"caption": "a", "alt_text": "b", field: "a\x07b"}
    response = root.post(f"{IMAGES}{hostile.pk}/change/", data)
    assert response.status_code == 200
    assert b"U+0007" in response.content
    hostile.refresh_from_db()
    assert hostile.caption == HOSTILE


def test_admin__refuses_control_characters_in_names(root, user):
    url = f"{USERS}{user.pk}/change/"
    data = {"email": user.email, "is_active": "on", "display_name": "a\x1bb"}
    assert b"U+001B" in root.post(url, data).content
    data["display_name"] = "Zoe\u0308"
    assert root.post(url, data).status_code == 302
    user.refresh_from_db()
    assert user.display_name == "Zoë"


def test_api__refuses_control_characters_and_composes(api, stored_image):
    url = f"/api/v1/images/{stored_image().pk}/"
    response = api.patch(url, {"caption": "a\x1bb"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "control_characters"
    response = api.patch(url, {"caption": "Cafe\u0301\r\n\t日本 \u202bعب"})
    assert response.json()["caption"] == "Café\n\t日本 \u202bعب"
    response = api.patch("/api/v1/users/me/", {"display_name": "a\nb"})
    assert response.json()["errors"][0]["attr"] == "display_name"
