"""Imports that copy the files."""

from datetime import UTC
from itertools import count

import pytest
from django.db.models import Q

from accounts.models import User
from imagekit_emulator.faults import Fault
from images.imagekit.errors import StorageUnavailable
from images.models import Image, RemovedPicture, Violation
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion
from images.reconciliation.database import wrong_counts
from images.tests.kit_import.conftest import MOMENT
from images.tests.pictures import picture_bytes

# Copies are made in threads, each with a connection of its own.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_database,
]
COPIES = "images.management.kit_import.images"
OLD = "/Imagekit_Media_Backend/photo_{}.jpg"


def test_copy__is_an_image_like_an_uploaded_one(kit, ann, upload, import_, deliver):
    kit.add_image(ann, upload(picture_bytes(120, 80)), "Harbour")
    outcome = import_()
    assert outcome.code == 0, outcome.text
    assert "Imported: 1 users, 1 images" in outcome.text
    image = Image.objects.get()
    assert (image.width, image.height, image.format) == (120, 80, "jpeg")
    assert (image.caption, image.visibility) == ("Harbour", "unlisted")
    assert image.created_at == MOMENT.replace(tzinfo=UTC)
    assert image.pk.version == 7
    assert not image.left_in_place
    assert image.placeholder
    assert len(image.sha256) == 64
    assert image.file.name.startswith(f"{image.owner_id}/{image.pk}-")
    assert deliver(image.url())[0] == 200
    assert list(wrong_counts()) == []
    assert not PendingDeletion.objects.exists()


def test_copy__has_no_metadata(kit, ann, upload, import_, photos, exiftool):
    kit.add_image(ann, upload(photos["baseline.jpg"]))
    import_()
    image = Image.objects.get()
    with image.storage.open(image.file.name) as file:
        tags = exiftool({"stored.jpg": file.read()})["stored.jpg"]
    assert not any("GPS" in tag for tag in tags)


def test_copy__keeps_the_old_file(kit, ann, upload, import_, remote_paths):
    kit.add_image(ann, upload())
    import_()
    assert OLD.format(0) in remote_paths()
    assert len(remote_paths()) == 2


def test_copy__dry_run_stores_nothing(kit, ann, upload, run, remote_paths):
    kit.add_image(ann, upload())
    outcome = run("--delete-old-files")
    assert outcome.code == 0
    assert "To import: 1 users, 1 images" in outcome.text
    assert "Old files to delete: 1" in outcome.text
    assert remote_paths() == {OLD.format(0)}
    assert not Image.objects.exists()
    assert not PendingDeletion.objects.exists()


def test_copy__twice_the_same(kit, ann, upload, import_, remote_paths, emulator):
    kit.add_image(ann, upload())
    import_()
    before, paths = list(Image.objects.values()), remote_paths()
    emulator.requests.clear()
    outcome = import_()
    assert "Imported: 0 users, 0 images. Imported before: 1 users, 1" in outcome.text
    assert list(Image.objects.values()) == before
    assert remote_paths() == paths


def test_copy__refused_files_are_listed(kit, ann, upload, import_, remote_paths):
    broken = picture_bytes(noise=True)[:-500]
    kit.add_image(ann, upload(broken), url="https://ik.imagekit.io/demo/broken.jpg")
    kit.add_image(ann, upload())
    outcome = import_("--delete-old-files")
    assert (outcome.code, outcome.number("file_refused")) == (1, 1)
    (detail,) = outcome.details("file_refused")
    assert detail.startswith("images/1  https://ik.imagekit.io/demo/broken.jpg: ")
    assert Image.objects.count() == 1
    # Only the file of the other one goes.
    delete_due_files()
    assert OLD.format(0) in remote_paths()
    assert OLD.format(1) not in remote_paths()


def test_copy__of_a_picture_that_was_taken_down_here(kit, ann, upload, import_):
    kit.add_image(ann, upload())
    import_()
    image = Image.objects.get()
    RemovedPicture.objects.create(
        image_id=image.pk, reason=Violation.SPAM, sha256=image.sha256
    )
    kit.add_image(ann, upload())
    outcome = import_()
    assert (outcome.code, outcome.number("file_refused")) == (1, 1)
    assert Image.objects.count() == 1


def test_copy__of_a_user_who_left_here_is_not_made(kit, ann, upload, import_, emulator):
    import_()
    User.objects.get().delete()
    kit.add_image(ann, upload())
    emulator.requests.clear()
    assert import_().number("no_account") == 1
    assert emulator.requests.counts() == {"list": 1}


def test_copy__ignores_the_quota(kit, ann, upload, import_, settings):
    settings.USER_QUOTA_BYTES = 10
    kit.add_image(ann, upload())
    assert import_().code == 0
    assert User.objects.get().stored_bytes > 10


def test_copy__many_files_in_several_threads(kit, ann, upload, import_, remote_paths):
    for _ in range(20):
        kit.add_image(ann, upload())
    assert "20 images" in import_("--jobs=5").text
    assert len(remote_paths()) == 40
    assert list(wrong_counts()) == []


@pytest.fixture
def failing_once(monkeypatch):
    """Fail in the transaction that adds the second image."""
    numbers = count()

    def fail_once(image):
        if next(numbers) == 1:
            raise StorageUnavailable("The power is off.")

    return lambda: monkeypatch.setattr(f"{COPIES}.compare_with_removed", fail_once)


def test_copy__after_a_failure_no_file_is_left_behind(
    kit, ann, upload, import_, failing_once, remote_paths
):
    for _ in range(3):
        kit.add_image(ann, upload())
    failing_once()
    outcome = import_("--jobs=1", "--delete-old-files")
    assert (outcome.code, outcome.number("failed")) == (1, 1)
    assert "The power is off." in outcome.details("failed")[0]
    assert Image.objects.count() == 2
    assert list(wrong_counts()) == []
    reasons = PendingDeletion.objects.values_list("reason", flat=True)
    assert sorted(reasons) == ["replaced", "replaced", "reservation"]
    assert "Imported: 0 users, 1 images" in import_().text
    assert Image.objects.count() == 3
    delete_due_files(due=Q())
    # The copies, and the old file of the image that came at last.
    assert len(remote_paths()) == 4


def test_copy__in_an_outage_ends_soon(kit, ann, upload, import_, emulator):
    for _ in range(9):
        kit.add_image(ann, upload())
    emulator.faults.add(Fault("upload", "status", status=500, every=1))
    outcome = import_("--jobs=1")
    assert outcome.code == 2
    assert "4 files in a row failed" in outcome.error
    assert "Start the import again" in outcome.error
    assert outcome.number("failed") == 4
    emulator.faults.clear()
    assert "Imported: 0 users, 9 images" in import_().text


def test_copy__waits_for_the_end_of_a_rate_limit(kit, ann, upload, import_, emulator):
    kit.add_image(ann, upload())
    soon = {"X-RateLimit-Reset": "1"}
    for operation in ("list", "upload"):
        emulator.faults.add(
            Fault(operation, "status", status=429, headers=soon, next=3)
        )
    assert import_().code == 0
    assert Image.objects.count() == 1
