import uuid

import pytest

from accounts.models import User
from images.models import Image
from images.outbox.models import PendingDeletion

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/bulk-delete/"


def test_bulk_delete__deletes_one_s_own_and_names_the_rest(
    api,
    user,
    stranger,
    stored_image,
    remote_paths,
    django_capture_on_commit_callbacks,
):
    own = [str(stored_image().pk) for _ in range(3)]
    kept = stored_image()
    foreign = stored_image(owner=stranger, visibility="public")
    unknown = str(uuid.uuid4())
    with django_capture_on_commit_callbacks(execute=True):
        response = api.post(URL, {"ids": [*own, str(foreign.pk), unknown, own[0]]})
    assert response.status_code == 200
    assert response.json() == {
        "deleted": own,
        "not_found": [str(foreign.pk), unknown],
    }
    assert set(Image.objects.all()) == {kept, foreign}
    assert len(remote_paths()) == 2
    user.refresh_from_db()
    assert user.item_count == 1


def test_bulk_delete__costs_the_same_for_one_and_for_many(
    api, stored_image, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        api.post(URL, {"ids": [str(stored_image().pk)]})
    ids = [str(stored_image().pk) for _ in range(10)]
    del one
    with CaptureQueriesContext(connection) as few:
        api.post(URL, {"ids": ids[:2]})
    with django_assert_num_queries(len(few)):
        api.post(URL, {"ids": ids[2:]})


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"ids": []},
        {"ids": "x"},
        {"ids": ["no uuid"]},
        {"ids": [str(uuid.UUID(int=1))] * 101},
        {"ids": None},
    ],
    ids=lambda body: str(body)[:30],
)
def test_bulk_delete__with_a_bad_list_is_400(api, body):
    assert api.post(URL, body).status_code == 400


def test_bulk_delete__without_a_token_is_401(anonymous):
    assert anonymous.post(URL, {"ids": [str(uuid.uuid4())]}).status_code == 401


@pytest.fixture
def crowd(user):
    """Give `user` 10,000 rows; their files do not matter here."""
    Image.objects.bulk_create(
        [
            Image(
                owner=user,
                file=f"{user.pk}/{number}~{number:024x}.jpg",
                **{"width": 1, "height": 1, "size": 1, "format": "jpeg"},
            )
            for number in range(10_000)
        ]
    )
    User.objects.filter(pk=user.pk).update(item_count=10_000)


def test_account_deletion__takes_10000_images_in_few_queries(
    api, user, crowd, django_assert_max_num_queries
):
    # Whatever the number of images: counting the password check, and each table.
    with django_assert_max_num_queries(40):
        response = api.delete("/api/v1/users/me/", {"password": user.raw_password})
    assert response.status_code == 204
    assert not Image.objects.exists()
    assert not User.objects.exists()
    assert PendingDeletion.objects.count() == 10_000
    first = PendingDeletion.objects.order_by("name").first()
    assert first.reason == "deleted"
    assert first.name.endswith(f"~{0:024}.jpg")


def test_account_deletion__needs_the_password(api, user, stored_image):
    stored_image()
    for body in ({}, {"password": "wrong"}, {"password": ""}):
        response = api.delete("/api/v1/users/me/", body)
        assert response.status_code == 400
        assert response.json()["errors"][0]["attr"] == "password"
    assert User.objects.get() == user
    assert Image.objects.count() == 1


def test_account_deletion__ends_the_tokens(api, user):
    api.delete("/api/v1/users/me/", {"password": user.raw_password})
    assert api.get("/api/v1/users/me/").status_code == 401
