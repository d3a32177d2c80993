from datetime import timedelta

import pytest
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.imagekit.names import StoredName
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(stored_image):
    """Schedule the deletion of stored files, with or without their file ids."""

    def make(count: int, with_id: bool = True, **fields) -> list[PendingDeletion]:
        names = [stored_image().file.name for _ in range(count)]
        if not with_id:
            names = [StoredName.parse(name).path for name in names]
        return [
            PendingDeletion.objects.create(
                name=name, **({"reason": "deleted"} | fields)
            )
            for name in names
        ]

    return make


def test_delete_due__deletes_many_in_one_call(pending, emulator, remote_paths):
    pending(5)
    emulator.requests.clear()
    assert delete_due_files().deleted == 5
    assert emulator.requests.counts() == {"bulk_delete": 1}
    assert remote_paths() == set()
    assert not PendingDeletion.objects.exists()
    assert delete_due_files().deleted == 0


def test_delete_due__finds_a_file_by_its_path(pending, remote_paths):
    pending(2, with_id=False)
    assert delete_due_files().deleted == 2
    assert remote_paths() == set()


def test_delete_due__leaves_what_is_not_due(pending, remote_paths):
    pending(1, due_at=timezone.now() + timedelta(hours=1))
    assert delete_due_files().deleted == 0
    assert len(remote_paths()) == 1


def test_delete_due__takes_a_file_that_is_gone_for_a_success(pending, remote_paths):
    rows = pending(3)
    PendingDeletion.objects.create(name="u/gone~0123456789abcdef01234567.jpg")
    PendingDeletion.objects.create(name="u/never-arrived.jpg")
    assert delete_due_files().deleted == len(rows) + 2
    assert remote_paths() == set()


def test_delete_due__keeps_a_failure_and_backs_off(pending, emulator):
    (row,) = pending(1)
    emulator.faults.add(Fault("delete", "status", status=403, every=1))
    assert delete_due_files().deleted == 0
    row.refresh_from_db()
    assert row.attempts == 1
    assert "403" in row.last_error
    first_wait = row.due_at - timezone.now()
    assert first_wait > timedelta(seconds=40)
    PendingDeletion.objects.update(due_at=timezone.now())
    delete_due_files()
    row.refresh_from_db()
    assert row.due_at - timezone.now() > first_wait


def test_delete_due__that_dies_half_way_is_taken_up_again(pending, monkeypatch):
    pending(2)
    monkeypatch.setattr(
        "images.imagekit.storage.ImageKitStorage.delete_many",
        lambda *args: (_ for _ in ()).throw(SystemExit),
    )
    with pytest.raises(SystemExit):
        delete_due_files()
    monkeypatch.undo()
    assert delete_due_files().deleted == 0, "the dead process's lease still runs"
    PendingDeletion.objects.update(due_at=timezone.now())
    assert delete_due_files().deleted == 2


def test_delete_due__gives_up_on_look_ups_once_imagekit_hangs(pending, emulator):
    """Otherwise a hundred rows could take a hundred time-outs."""
    pending(10, with_id=False)
    emulator.requests.clear()
    emulator.faults.add(Fault("list", "status", status=503, every=1))
    outcome = delete_due_files()
    assert outcome.failed == 10
    # One try and one retry of the SDK.
    assert emulator.requests.counts() == {"list": 2}


def test_delete_due__stops_at_the_first_rate_limit(pending, emulator):
    pending(10, with_id=False)
    emulator.requests.clear()
    headers = {"X-RateLimit-Reset": "60000"}
    emulator.faults.add(Fault("list", "status", status=429, headers=headers, every=1))
    outcome = delete_due_files()
    assert outcome.wait == 60
    assert emulator.requests.counts() == {"list": 2}
    soonest = PendingDeletion.objects.order_by("due_at").first()
    assert soonest.due_at - timezone.now() > timedelta(seconds=50)


def test_request__leaves_what_needs_a_look_up_to_the_sweep(
    api, pending, stored_image, emulator, django_capture_on_commit_callbacks
):
    pending(3, with_id=False, reason="reservation")
    image = stored_image()
    emulator.requests.clear()
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/api/v1/images/{image.pk}/").status_code == 204
    assert emulator.requests.counts() == {"delete": 1}
    assert PendingDeletion.objects.count() == 3
