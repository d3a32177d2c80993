"""Answers and stored rows when ImageKit fails."""

import pytest

from imagekit_emulator.faults import Fault
from images.models import Image
from images.outbox.models import PendingDeletion
from images.tests.pictures import make_image

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
URL = "/api/v1/images/"

# Each: the fault, for ever; then status and code of our answer.
FAULTS = {
    "500": (Fault("upload", "status", status=500, every=1), 503, "storage_unavailable"),
    "502": (Fault("upload", "status", status=502, every=1), 503, "storage_unavailable"),
    "429": (Fault("upload", "status", status=429, every=1), 503, "storage_unavailable"),
    "401": (Fault("upload", "status", status=401, every=1), 502, "storage_rejected"),
    "403": (Fault("upload", "status", status=403, every=1), 502, "storage_rejected"),
    "400": (Fault("upload", "status", status=400, every=1), 502, "storage_rejected"),
    "404": (Fault("upload", "status", status=404, every=1), 502, "storage_rejected"),
    "dropped": (Fault("upload", "drop_before", every=1), 503, "storage_unavailable"),
    "lost": (Fault("upload", "lost_response", every=1), 503, "storage_unavailable"),
    "garbage": (Fault("upload", "garbage", every=1), 503, "storage_unavailable"),
    "empty": (Fault("upload", "empty", every=1), 503, "storage_unavailable"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=FAULTS)
def test_create__during_an_outage_keeps_nothing_unnamed(
    api, user, emulator, remote_paths, fault
):
    disturbance, status, code = FAULTS[fault]
    emulator.faults.add(disturbance)
    response = api.post(URL, {"file": make_image()}, format="multipart")
    assert response.status_code == status
    assert response.json()["type"] == "server_error"
    assert response.json()["errors"][0]["code"] == code
    assert ("Retry-After" in response) == (status == 503)
    assert not Image.objects.exists()
    user.refresh_from_db()
    assert user.item_count == 0
    # What has arrived nevertheless is named by the reservation.
    reserved = {f"/media/{row.name}" for row in PendingDeletion.objects.all()}
    assert len(reserved) == 1
    assert remote_paths() <= reserved


def test_create__passes_on_the_wait_that_imagekit_asks_for(api, emulator):
    headers = {"X-RateLimit-Reset": "42000"}
    emulator.faults.add(Fault("upload", "status", status=429, headers=headers, every=1))
    response = api.post(URL, {"file": make_image()}, format="multipart")
    assert response["Retry-After"] == "42"


def test_create__survives_one_hiccup(api, emulator, remote_paths):
    emulator.faults.add(Fault("upload", "lost_response", next=1))
    response = api.post(URL, {"file": make_image()}, format="multipart")
    assert response.status_code == 201
    assert len(remote_paths()) == 1
    assert not PendingDeletion.objects.exists()


@pytest.mark.parametrize("fault", FAULTS, ids=FAULTS)
def test_replace__during_an_outage_leaves_the_image_untouched(
    api, emulator, stored_image, deliver, fault
):
    image = stored_image()
    disturbance, status, _ = FAULTS[fault]
    emulator.faults.add(disturbance)
    url = f"{URL}{image.pk}/"
    response = api.patch(url, {"file": make_image(9, 9)}, format="multipart")
    assert response.status_code == status
    body = api.get(url).json()
    assert body["width"] == image.width
    assert deliver(body["url"])[0] == 200


def test_destroy__during_an_outage_is_204_and_the_file_goes_later(
    api, emulator, stored_image, remote_paths, django_capture_on_commit_callbacks
):
    image = stored_image()
    emulator.faults.add(Fault("delete", "status", status=500, every=1))
    with django_capture_on_commit_callbacks(execute=True):
        response = api.delete(f"{URL}{image.pk}/")
    assert response.status_code == 204
    pending = PendingDeletion.objects.get()
    assert (pending.name, pending.attempts) == (image.file.name, 1)
    assert "500" in pending.last_error
    assert len(remote_paths()) == 1


def test_errors__show_no_key_no_path_and_no_trace(api, emulator):
    emulator.faults.add(Fault("upload", "status", status=401, every=1))
    text = api.post(URL, {"file": make_image()}, format="multipart").content.decode()
    for secret in ("private_", "/media", "Traceback", "imagekitio"):
        assert secret not in text
