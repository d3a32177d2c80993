"""The quota, the limits in the API, and duplicates."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from images.models import Image, UploadTicket
from images.models.tickets import ARRIVES_WITHIN
from images.outbox.models import PendingDeletion
from images.services.quota import QuotaExceeded, add_to_totals
from images.tests.changes import update_image
from images.tests.pictures import make_image, picture_bytes

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"
LIMITS = "/api/v1/uploads/limits/"
SIZE = len(picture_bytes())


def post(api, content=None):
    return api.post(URL, {"file": content or make_image()}, format="multipart")


def used(user) -> int:
    user.refresh_from_db()
    assert user.stored_bytes == (Image.objects.aggregate(all=Sum("size"))["all"] or 0)
    return user.stored_bytes


def test_limits__are_told_in_one_query(api, settings, django_assert_num_queries):
    settings.UPLOAD_MAX_BYTES, settings.UPLOAD_MAX_PIXELS = 1000, 2000
    with django_assert_num_queries(1):
        response = api.get(LIMITS)
    assert response.json() == {
        "max_bytes": 1000,
        "max_pixels": 2000,
        "formats": ["jpeg", "png", "webp", "gif", "heic", "avif"],
        "quota_bytes": None,
        "used_bytes": 0,
    }


def test_limits__are_for_people_with_an_account(anonymous):
    assert anonymous.get(LIMITS).status_code == 401


def test_used_bytes__move_with_every_change(api, user, settings):
    settings.USER_QUOTA_BYTES = 10**6
    first = post(api).json()
    assert used(user) == SIZE
    second = post(api, make_image(200, 200)).json()
    assert used(user) == first["size"] + second["size"]
    url = f"{URL}{first['id']}/"
    body = {"file": make_image(300, 300)}
    assert api.patch(url, body, format="multipart").status_code == 200
    assert used(user) > first["size"] + second["size"]
    assert api.patch(url, {"visibility": "private"}).status_code == 200
    limits = api.get(LIMITS).json()
    assert (limits["quota_bytes"], limits["used_bytes"]) == (10**6, used(user))
    api.delete(url)
    assert used(user) == second["size"]
    api.post(f"{URL}bulk-delete/", {"ids": [second["id"]]})
    assert used(user) == 0


def test_quota__refuses_before_anything_is_sent(api, user, settings, emulator):
    settings.USER_QUOTA_BYTES = 2 * SIZE
    assert [post(api).status_code for _ in range(3)] == [201, 201, 403]
    response = post(api)
    assert response.json()["errors"][0]["code"] == "quota_exceeded"
    assert emulator.requests.counts()["upload"] == 2
    assert not PendingDeletion.objects.exists()
    assert used(user) == 2 * SIZE


def test_quota__lets_a_full_account_change_and_shrink(api, settings, stored_image):
    image = stored_image(width=200, height=200)
    settings.USER_QUOTA_BYTES = 1
    url = f"{URL}{image.pk}/"
    assert api.patch(url, {"caption": "x"}).status_code == 200
    assert api.patch(url, {"visibility": "private"}).status_code == 200
    larger = {"file": make_image(400, 400, noise=True)}
    assert api.patch(url, larger, format="multipart").status_code == 403
    smaller = {"file": make_image(8, 8)}
    assert api.patch(url, smaller, format="multipart").status_code == 200
    assert api.delete(url).status_code == 204


def test_quota__counts_when_the_row_is_added(user, settings, stored_image, monkeypatch):
    """Space that was free before the upload may be used after it."""
    settings.USER_QUOTA_BYTES = SIZE
    monkeypatch.setattr("images.services.upload.check_quota", lambda owner, size: None)
    stored_image()
    with pytest.raises(QuotaExceeded):
        stored_image()
    assert used(user) == SIZE
    # The file is named by its reservation, and goes.
    assert PendingDeletion.objects.count() == 1


def ask(api, size: int = SIZE):
    body = {"filename": "x.jpg", "size": size, "content_type": "image/jpeg"}
    return api.post("/api/v1/uploads/", body)


def test_quota__counts_open_tickets(api, user, settings):
    """A hundred tickets of the largest size could bring a hundred files later."""
    settings.USER_QUOTA_BYTES = 3 * SIZE
    assert [ask(api).status_code for _ in range(4)] == [201, 201, 201, 403]
    assert ask(api).json()["errors"][0]["code"] == "quota_exceeded"
    assert post(api).status_code == 403
    assert api.get(LIMITS).json()["used_bytes"] == 3 * SIZE
    assert used(user) == 0


def test_quota__counts_a_ticket_until_no_file_can_arrive(api, settings):
    settings.USER_QUOTA_BYTES = SIZE
    assert ask(api).status_code == 201
    now = timezone.now()
    UploadTicket.objects.update(expires_at=now - ARRIVES_WITHIN + timedelta(seconds=9))
    assert post(api).status_code == 403
    UploadTicket.objects.update(expires_at=now - ARRIVES_WITHIN)
    assert post(api).status_code == 201


def test_quota__is_not_shared_by_the_tickets_of_others(
    api, client_of, stranger, settings
):
    settings.USER_QUOTA_BYTES = SIZE
    assert ask(client_of(stranger)).status_code == 201
    assert post(api).status_code == 201


def test_quota__without_one_tickets_reserve_nothing(api):
    assert ask(api).status_code == 201
    assert api.get(LIMITS).json()["used_bytes"] == 0


@pytest.mark.django_db(transaction=True)
def test_quota__holds_for_uploads_at_once(user, settings):
    settings.USER_QUOTA_BYTES = 5 * SIZE

    def take(number: int) -> bool:
        try:
            with transaction.atomic():
                add_to_totals(user.pk, images=1, size=SIZE)
        except QuotaExceeded:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(16))) == 5
    user.refresh_from_db()
    assert (user.stored_bytes, user.item_count) == (5 * SIZE, 5)


@pytest.mark.django_db(transaction=True)
def test_quota__holds_for_requests_at_once(client_of, user, settings):
    settings.USER_QUOTA_BYTES = 3 * SIZE
    api = client_of(user)

    def upload(number: int) -> int:
        try:
            return post(api).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(upload, range(8)))
    assert answers == [201] * 3 + [403] * 5
    assert used(user) == 3 * SIZE


def test_quota__cannot_be_negative(settings):
    settings.USER_QUOTA_BYTES = -1
    assert {found.id for found in run_checks(tags=["files"])} == {"images.E003"}


def test_same_bytes__are_told_and_kept_apart(api, client_of, stranger):
    first = post(api).json()
    assert first["duplicate_of"] is None
    again = post(api).json()
    assert again["duplicate_of"] == first["id"]
    # The oldest one, not the latest.
    assert post(api).json()["duplicate_of"] == first["id"]
    assert post(client_of(stranger)).json()["duplicate_of"] is None
    assert Image.objects.count() == 4
    other = post(api, make_image(9, 9)).json()
    url = f"{URL}{other['id']}/"
    replaced = api.patch(url, {"file": make_image()}, format="multipart")
    assert replaced.json()["duplicate_of"] == first["id"]
    assert "duplicate_of" not in api.get(url).json()


def test_hash__is_of_the_stored_bytes(stored_image):
    image = stored_image()
    with image.storage.open(image.file.name) as file:
        stored = file.read()
    assert image.sha256 == hashlib.sha256(stored).hexdigest()
    moved = update_image(image=image, visibility="private")
    moved.refresh_from_db()
    assert (moved.sha256, moved.placeholder) == (image.sha256, image.placeholder)


def test_unknown_hashes__are_no_duplicates(stored_image):
    from images.services.facts import find_duplicate

    stored_image(), stored_image()
    Image.objects.update(sha256="")
    assert find_duplicate(Image.objects.first()) is None


@pytest.mark.django_db(transaction=True)
def test_quota__holds_for_tickets_at_once(client_of, user, settings):
    settings.USER_QUOTA_BYTES = 5 * SIZE
    clients = [client_of(user) for _ in range(12)]

    def take(client) -> int:
        try:
            return ask(client).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        assert sorted(pool.map(take, clients)) == [201] * 5 + [403] * 7
    assert UploadTicket.objects.count() == 5
