"""Requests that are sent again under the same idempotency key."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.models import IdempotencyKey, Image
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"


def upload(api, key: str | None = "key-1", size: int = 64, **fields):
    headers = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    body = {"file": make_image(size, 48), "caption": "Sea", **fields}
    return api.post(URL, body, format="multipart", **headers)


def send_file(api, method: str, url: str, **fields):
    body = {"file": make_image(9, 9), **fields}
    send = getattr(api, method)
    return send(url, body, format="multipart", HTTP_IDEMPOTENCY_KEY="k")


def test_upload__again_gives_the_first_answer_and_stores_nothing(api, emulator):
    first = upload(api)
    again = upload(api)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert emulator.requests.counts()["upload"] == 1
    assert Image.objects.count() == 1


def test_upload__without_a_key_is_done_each_time(api):
    upload(api, key=None)
    upload(api, key=None)
    assert Image.objects.count() == 2
    assert not IdempotencyKey.objects.exists()


@pytest.mark.parametrize(
    "change", [{"caption": "Other"}, {"size": 65}, {"alt_text": "x"}], ids=str
)
def test_upload__of_something_else_under_the_same_key_is_422(api, change):
    upload(api)
    response = upload(api, **change)
    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == "idempotency_key_reused"
    assert Image.objects.count() == 1


def test_keys__belong_to_their_user(api, client_of, stranger):
    upload(api)
    other = upload(client_of(stranger))
    assert other.status_code == 201
    assert Image.objects.count() == 2


def test_upload__while_the_first_one_runs_is_409(api):
    upload(api)
    IdempotencyKey.objects.update(status=None, claimed_at=timezone.now())
    response = upload(api)
    assert response.status_code == 409
    assert response.json()["errors"][0]["code"] == "idempotency_key_in_use"
    assert "Retry-After" in response


def test_upload__after_the_first_process_died_is_done(api):
    upload(api)
    Image.objects.all().delete()
    long_ago = timezone.now() - timedelta(minutes=5)
    IdempotencyKey.objects.update(status=None, claimed_at=long_ago)
    assert upload(api).status_code == 201
    assert Image.objects.count() == 1


def test_upload__that_outlives_its_lease_is_rolled_back(api, monkeypatch):
    """Another request has taken the key over and does the work."""
    from images.services import upload as services

    upload_file = services.upload_file

    def take_over_meanwhile(*args):
        IdempotencyKey.objects.update(claimed_at=timezone.now())
        return upload_file(*args)

    monkeypatch.setattr(services, "upload_file", take_over_meanwhile)
    assert upload(api).status_code == 409
    assert not Image.objects.exists()
    assert IdempotencyKey.objects.count() == 1, "it is the other request's"


def test_upload__that_failed_may_be_tried_again(api, emulator):
    emulator.faults.add(Fault("upload", "status", status=403, next=1))
    assert upload(api).status_code == 502
    assert upload(api).status_code == 201
    assert upload(api, key="key-2", visibility="nobody").status_code == 400
    assert upload(api, key="key-2").status_code == 201


def test_upload__whose_answer_was_lost_after_the_work_is_not_done_again(
    api, monkeypatch
):
    def crash(*args):
        raise SystemExit

    monkeypatch.setattr("images.api.views.images.ImageViewSet.finalize_response", crash)
    with pytest.raises(SystemExit):
        upload(api)
    monkeypatch.undo()
    again = upload(api)
    assert again.status_code == 201
    assert again.json()["id"] == str(Image.objects.get().pk)


@pytest.mark.parametrize("method", ["patch", "put"])
def test_replace__again_gives_the_first_answer(api, stored_image, emulator, method):
    url = f"{URL}{stored_image().pk}/"
    emulator.requests.clear()
    first, again = (send_file(api, method, url) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert emulator.requests.counts()["upload"] == 1


def test_patch__of_a_caption_again_gives_the_first_answer(api, stored_image):
    url = f"{URL}{stored_image().pk}/"

    def patch():
        return api.patch(url, {"caption": "new"}, HTTP_IDEMPOTENCY_KEY="k")

    assert patch().json() == patch().json()


@pytest.mark.parametrize("method", ["post", "patch", "put"])
def test_retry__tells_the_url_of_now(api, stored_image, method):
    """The URL of the first answer was public, and is not any more."""
    url = URL if method == "post" else f"{URL}{stored_image().pk}/"

    def send():
        return send_file(api, method, url, visibility="public")

    first = send().json()
    detail = f"{URL}{first['id']}/"
    assert api.patch(detail, {"visibility": "private"}).status_code == 200
    again = send()
    assert again["Idempotent-Replayed"] == "true"
    now = api.get(detail)
    # The rest of the tag is about the URL of the request.
    assert again["ETag"].split(".")[0] == now["ETag"].split(".")[0]
    assert {name: again.json()[name] for name in now.json()} == now.json()
    assert again.json()["removed_metadata"] == first["removed_metadata"]
    assert first["url"] not in again.content.decode()
    assert "ik-s=" in again.json()["url"]
    Image.objects.update(state="taken_down")
    assert send().json()["url"] is None


@pytest.mark.parametrize("method", ["post", "patch", "put"])
def test_retry__after_the_image_was_deleted_is_410(api, stored_image, method):
    url = URL if method == "post" else f"{URL}{stored_image().pk}/"
    first = send_file(api, method, url).json()
    assert api.delete(f"{URL}{first['id']}/").status_code == 204
    again = send_file(api, method, url)
    assert again.status_code == 410
    assert again.json()["errors"][0]["code"] == "gone"
    assert not Image.objects.exists()


def test_keys__store_no_url(api):
    body = upload(api, visibility="private").json()
    (record,) = IdempotencyKey.objects.values()
    assert str(record["image_id"]) == body["id"]
    assert "http" not in str(record)
    assert "_imagekit" not in str(record)


def bulk_delete(api, key: str):
    body = {"ids": [str(uuid4())]}
    return api.post(f"{URL}bulk-delete/", body, HTTP_IDEMPOTENCY_KEY=key)


def test_keys__of_one_user_are_limited(
    api, client_of, stranger, stored_image, monkeypatch
):
    monkeypatch.setattr("images.api.idempotency.MOST_KEYS", 3)
    first = upload(api)
    for number in range(2):
        assert bulk_delete(api, str(number)).status_code == 200
    refused = bulk_delete(api, "one-more")
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["code"] == "too_many_idempotency_keys"
    assert 86_300 < int(refused["Retry-After"]) <= 86_400
    assert IdempotencyKey.objects.count() == 3
    # Retries go on, and so do requests without a key, and others' requests.
    assert upload(api).json() == first.json()
    assert upload(api, key=None).status_code == 201
    assert bulk_delete(client_of(stranger), "k").status_code == 200
    old = timezone.now() - timedelta(hours=24)
    IdempotencyKey.objects.filter(key="0").update(created_at=old)
    assert bulk_delete(api, "one-more").status_code == 200


def test_bulk_delete__again_gives_the_first_answer(api, stored_image):
    body = {"ids": [str(stored_image().pk)]}

    def delete():
        return api.post(f"{URL}bulk-delete/", body, HTTP_IDEMPOTENCY_KEY="k")

    expected = {"deleted": body["ids"], "not_found": []}
    assert delete().json() == expected
    assert delete().json() == expected


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "a b", "ü"])
def test_keys__that_are_not_sane_are_400(api, key):
    body = {"file": make_image()}
    response = api.post(URL, body, format="multipart", HTTP_IDEMPOTENCY_KEY=key)
    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "invalid_idempotency_key"


def test_keys__are_forgotten_after_a_day(api):
    upload(api)
    upload(api, key="young")
    old = timezone.now() - timedelta(hours=24)
    IdempotencyKey.objects.filter(key="key-1").update(created_at=old)
    call_command("sweep_files", verbosity=0)
    assert [record.key for record in IdempotencyKey.objects.all()] == ["young"]


def test_keys__older_than_a_day_count_for_nothing_before_the_sweep_comes(api):
    upload(api)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert upload(api, caption="Other").status_code == 201
    assert Image.objects.count() == 2
