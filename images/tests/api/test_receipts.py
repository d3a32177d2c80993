from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.models import Image
from images.outbox.models import DeletionReceipt, PendingDeletion
from images.tests.consistency.crowds import run_at_once

pytestmark = pytest.mark.django_db
STEPS = ["row_removed", "file_deleted", "purge_requested", "purge_completed"]


@pytest.fixture
def delete(api, django_capture_on_commit_callbacks):
    """Delete the image as `user`, with the work after the commit; returns the URL."""

    def send(image: Image) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            response = api.delete(f"/api/v1/images/{image.pk}/")
        assert response.status_code == 204
        return f"/api/v1/deletions/{response['X-Deletion-ID']}/"

    return send


def done(api, url: str) -> list[str]:
    """Return which steps the receipt has times for, in the order of the times."""
    response = api.get(url)
    assert response.status_code == 200
    body = response.json()
    assert list(body) == [*STEPS, "purge_waits"]
    return sorted([step for step in STEPS if body[step]], key=lambda step: body[step])


def test_receipt__tells_each_step_as_it_is_done(
    settings, api, stored_image, delete, emulator
):
    settings.IMAGEKIT_PURGE_ON = "delete"
    emulator.faults.add(Fault("delete", "status", status=500, every=1))
    url = delete(stored_image())
    assert done(api, url) == STEPS[:1]
    emulator.faults.clear()
    emulator.faults.add(Fault("purge", "status", status=500, next=1))
    sweep()
    assert done(api, url) == STEPS[:2]
    sweep()
    assert done(api, url) == STEPS[:3]
    sweep()
    assert done(api, url) == STEPS
    assert not PendingDeletion.objects.exists()


def sweep() -> None:
    call_command("sweep_files", grace=0, stdout=StringIO())


def test_receipt__of_a_deletion_without_a_purge_has_none(
    settings, api, stored_image, delete
):
    settings.IMAGEKIT_PURGE_ON = "takedown"
    assert done(api, delete(stored_image())) == STEPS[:2]


def test_receipt__of_a_bulk_deletion_is_that_of_the_last_file(
    api, stored_image, emulator, django_capture_on_commit_callbacks
):
    ids = [str(stored_image().pk) for _ in range(3)]
    with django_capture_on_commit_callbacks():
        response = api.post(
            "/api/v1/images/bulk-delete/",
            {"ids": ids},
            headers={"Idempotency-Key": "k"},
        )
    url = f"/api/v1/deletions/{response['X-Deletion-ID']}/"
    for expected in (STEPS[:1], STEPS[:1], STEPS[:2]):
        call_command("sweep_files", limit=1, stdout=StringIO())
        assert done(api, url) == expected
    again = api.post(
        "/api/v1/images/bulk-delete/", {"ids": ids}, headers={"Idempotency-Key": "k"}
    )
    assert again["X-Deletion-ID"] == response["X-Deletion-ID"]


def test_receipt__of_nothing_is_not_written(api):
    body = {"ids": ["01928f3e-0000-7000-8000-000000000000"]}
    response = api.post("/api/v1/images/bulk-delete/", body)
    assert "X-Deletion-ID" not in response
    assert not DeletionReceipt.objects.exists()


def test_receipt__is_for_the_one_who_deleted(
    stored_image, delete, anonymous, client_of, stranger
):
    url = delete(stored_image())
    assert anonymous.get(url).status_code == 401
    assert client_of(stranger).get(url).status_code == 404


@pytest.mark.parametrize("key", ["x", "01928f3e-0000-7000-8000-000000000000", "%00"])
def test_receipt__that_is_unknown_is_404(api, key):
    assert api.get(f"/api/v1/deletions/{key}/").status_code == 404


def test_receipt__is_kept_for_30_days(api, stored_image, delete):
    old, young = delete(stored_image()), delete(stored_image())
    day = timedelta(days=1)
    first = DeletionReceipt.objects.order_by("pk").first()
    DeletionReceipt.objects.update(row_removed=timezone.now() - 29 * day)
    DeletionReceipt.objects.filter(pk=first.pk).update(
        row_removed=timezone.now() - 30 * day
    )
    assert api.get(old).status_code == 404
    out = StringIO()
    call_command("sweep_files", stdout=out)
    assert "receipts 1" in out.getvalue()
    assert api.get(young).status_code == 200


def test_receipt__that_is_gone_first_does_not_keep_the_file(
    settings, stored_image, delete, emulator, remote_paths
):
    settings.IMAGEKIT_PURGE_ON = "delete"
    emulator.faults.add(Fault("delete", "status", status=500, next=2))
    delete(stored_image())
    DeletionReceipt.objects.all().delete()
    for _ in range(3):
        sweep()
    assert remote_paths() == set()
    assert not PendingDeletion.objects.exists()


def test_receipt__does_not_keep_an_account(api, user, stored_image, delete):
    delete(stored_image())
    response = api.delete("/api/v1/users/me/", {"password": user.raw_password})
    assert response.status_code == 204


def test_header__can_be_read_by_a_page_of_another_site(settings, api, stored_image):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    response = api.delete(
        f"/api/v1/images/{stored_image().pk}/",
        headers={"Origin": "https://app.example"},
    )
    assert "X-Deletion-ID" in response["Access-Control-Expose-Headers"].split(", ")


@pytest.mark.django_db(transaction=True)
def test_destroy__twice_at_once_gives_one_receipt(stored_image, client_of, user):
    images = [stored_image() for _ in range(5)]
    statuses = []

    def delete_all() -> None:
        client = client_of(user)
        for image in images:
            statuses.append(client.delete(f"/api/v1/images/{image.pk}/").status_code)

    run_at_once([delete_all, delete_all])
    assert sorted(statuses) == [204] * 5 + [404] * 5
    assert DeletionReceipt.objects.count() == 5
