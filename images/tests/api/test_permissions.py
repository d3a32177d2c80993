"""With REQUIRE_VERIFIED_EMAIL only users with a verified email upload files."""

import pytest

from accounts.models import User
from images.models import Image
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"


@pytest.fixture(autouse=True)
def required(settings) -> None:
    settings.REQUIRE_VERIFIED_EMAIL = True


def assert_refused(response) -> None:
    assert response.status_code == 403
    (error,) = response.json()["errors"]
    assert error["code"] == "email_not_verified"
    assert "Verify your email first" in error["detail"]


def test_upload__of_an_unverified_user_is_refused(api, remote_paths):
    response = api.post(URL, {"file": make_image()}, format="multipart")
    assert_refused(response)
    assert not Image.objects.exists()
    assert remote_paths() == set()


@pytest.mark.parametrize("method", ["patch", "put"])
def test_replacement__of_an_unverified_user_is_refused(api, stored_image, method):
    image = stored_image()
    send = getattr(api, method)
    assert_refused(
        send(f"{URL}{image.pk}/", {"file": make_image()}, format="multipart")
    )
    name = image.file.name
    image.refresh_from_db()
    assert image.file.name == name


def test_what_is_no_upload__stays_possible(api, stored_image):
    detail = f"{URL}{stored_image().pk}/"
    assert api.get(URL).status_code == 200
    assert api.get(detail).status_code == 200
    for format in ("json", "multipart"):
        response = api.patch(detail, {"caption": format}, format=format)
        assert response.json()["caption"] == format
    body = {"ids": [detail.split("/")[-2]]}
    assert api.post(f"{URL}bulk-delete/", body).status_code == 200


def test_deletion__stays_possible(api, stored_image):
    assert api.delete(f"{URL}{stored_image().pk}/").status_code == 204


def test_upload__is_taken_once_verified(api):
    User.objects.update(email_verified=True)
    response = api.post(URL, {"file": make_image()}, format="multipart")
    assert response.status_code == 201
    link = response.json()["id"]
    replaced = api.patch(f"{URL}{link}/", {"file": make_image(9)}, format="multipart")
    assert replaced.status_code == 200


def test_upload__is_taken_where_it_is_not_required(api, settings):
    settings.REQUIRE_VERIFIED_EMAIL = False
    response = api.post(URL, {"file": make_image()}, format="multipart")
    assert response.status_code == 201


def test_upload__without_a_token_is_401_still(anonymous):
    response = anonymous.post(URL, {"file": make_image()}, format="multipart")
    assert response.status_code == 401


def test_browsable_api__shows_pages_to_an_unverified_user(client, user, stored_image):
    client.force_login(user)
    for url in (URL, f"{URL}{stored_image().pk}/"):
        assert client.get(url, headers={"Accept": "text/html"}).status_code == 200
