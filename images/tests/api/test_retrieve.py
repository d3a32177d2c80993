import uuid

import pytest

pytestmark = pytest.mark.django_db


def url_of(image) -> str:
    return f"/api/v1/images/{image.pk}/"


@pytest.mark.parametrize("visibility", ["public", "unlisted"])
def test_retrieve__shared_images_need_no_token(anonymous, stored_image, visibility):
    image = stored_image(visibility=visibility)
    response = anonymous.get(url_of(image))
    assert response.status_code == 200
    assert response.json()["id"] == str(image.pk)


def test_retrieve__private_images_exist_for_their_owner_only(
    api, anonymous, stored_image, client_of, stranger
):
    image = stored_image(visibility="private")
    assert api.get(url_of(image)).status_code == 200
    assert anonymous.get(url_of(image)).status_code == 404
    assert client_of(stranger).get(url_of(image)).status_code == 404


@pytest.mark.parametrize("key", [uuid.uuid4(), 1, "x", "0.5", "a" * 36])
def test_retrieve__an_unknown_id_is_404_in_the_api_s_shape(anonymous, key):
    response = anonymous.get(f"/api/v1/images/{key}/")
    assert response.status_code == 404
    assert response.json()["errors"][0]["code"] == "not_found"


def test_retrieve__with_a_bad_token_is_401(anonymous, stored_image):
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer nonsense")
    assert anonymous.get(url_of(stored_image())).status_code == 401


def test_retrieve__again_with_its_etag_is_304(api, stored_image):
    url = url_of(stored_image())
    first = api.get(url)
    again = api.get(url, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    assert again.content == b""
    api.patch(url, {"caption": "changed"})
    changed = api.get(url, HTTP_IF_NONE_MATCH=first["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
