"""Each kind of finding is reported, and repaired with --fix."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from images.imagekit.names import StoredName
from images.models import Image
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion
from images.tests.reconciliation.conftest import file_id, state
from images.tests.reconciliation.library import (
    SIZE,
    add_files,
    drop_files,
    new_file,
    remote_ids,
)

pytestmark = pytest.mark.django_db


def test_equal_sides__nothing_is_found(images, stored_image, reconcile):
    stored_image()
    outcome = reconcile("--fix")
    assert (outcome.code, outcome.counts) == (0, {})
    assert outcome.report["remote_files"] == outcome.report["rows"] == 6
    assert not PendingDeletion.objects.exists()


def test_empty_sides(user, reconcile):
    assert reconcile("--fix").code == 0


def test_orphan__is_reported_and_with_fix_deleted(images, orphan, reconcile, emulator):
    outcome = reconcile()
    assert (outcome.code, outcome.counts) == (1, {"orphans": 1})
    assert outcome.examples("orphans") == [
        {"path": orphan.path, "file_id": orphan.file_id}
    ]
    assert not PendingDeletion.objects.exists()
    assert reconcile("--fix").code == 0
    pending = PendingDeletion.objects.get()
    assert (pending.name, pending.reason) == (orphan.name, "orphaned")
    assert reconcile().code == 0, "it is named now"
    assert delete_due_files().deleted == 1
    assert remote_ids(emulator) == {file_id(image) for image in images}


def test_orphan__under_a_name_that_is_not_ours(images, emulator, reconcile):
    names = ["notes.txt", "zz.jpg", f"{images[1].pk}-copy.jpg", f"{images[1].pk}"]
    strangers = [new_file("x")._replace(path=f"upload/{name}") for name in names]
    add_files(emulator, strangers)
    outcome = reconcile("--fix")
    assert (outcome.code, outcome.counts) == (0, {"orphans": 4})
    names = {file.name for file in strangers}
    assert set(PendingDeletion.objects.values_list("name", flat=True)) == names


def test_orphan__left_by_a_replacement_that_was_not_noted(images, emulator, reconcile):
    for image in (images[0], images[-1]):
        add_files(emulator, [new_file(image.owner_id, image.pk) for _ in range(2)])
    assert reconcile().counts == {"orphans": 4}


def test_orphan__with_a_path_that_is_too_long_for_us(images, emulator, reconcile):
    long = new_file("x")._replace(path="d/" * 120 + "long-name-of-a-file.jpg")
    add_files(emulator, [long])
    assert reconcile("--fix").code == 0
    assert reconcile().code == 0
    assert delete_due_files().deleted == 1
    assert long.file_id not in remote_ids(emulator)


@pytest.mark.parametrize("with_id", [True, False], ids=["with id", "bare path"])
def test_file_of_a_pending_deletion__is_no_orphan(orphan, reconcile, with_id):
    name = orphan.name if with_id else orphan.path
    PendingDeletion.objects.create(name=name, reason="reservation")
    assert reconcile("--fix").counts == {}
    assert PendingDeletion.objects.count() == 1


@pytest.mark.parametrize("with_id", [True, False], ids=["with id", "bare path"])
def test_file_that_another_row_names__is_no_orphan(images, orphan, reconcile, with_id):
    """A row that was imported may name any file, whatever its name is."""
    name = orphan.name if with_id else orphan.path
    Image.objects.filter(pk=images[2].pk).update(file=name)
    outcome = reconcile("--fix")
    assert outcome.count("orphans") == 1, "the file that it named before"
    assert outcome.count("missing") == 0
    assert orphan.name not in PendingDeletion.objects.values_list("name", flat=True)


def test_missing_file__is_reported_and_with_fix_marked(images, emulator, reconcile):
    drop_files(emulator, [file_id(images[0]), file_id(images[3])])
    outcome = reconcile()
    assert (outcome.code, outcome.counts) == (1, {"missing": 2})
    assert outcome.examples("missing")[0] == {
        "image": str(images[0].pk),
        "name": images[0].file.name,
    }
    assert not Image.objects.exclude(missing_since=None).exists()
    assert reconcile("--fix").code == 0
    marked = Image.objects.exclude(missing_since=None).order_by("pk")
    assert list(marked) == [images[0], images[3]]
    since = marked[0].missing_since
    again = reconcile("--fix")
    assert (again.code, again.report["marked_missing_before"]) == (0, 2)
    assert marked[0].missing_since == since, "the first time counts"


def test_missing_file__of_a_row_without_an_id(images, emulator, reconcile):
    Image.objects.filter(pk=images[0].pk).update(
        file=StoredName.parse(images[0].file.name).path
    )
    assert reconcile().counts == {}
    drop_files(emulator, [file_id(images[0])])
    assert reconcile().counts == {"missing": 1}


def test_all_files_missing(images, emulator, reconcile):
    drop_files(emulator, [file_id(image) for image in images])
    assert reconcile("--fix").counts == {"missing": 5}
    assert not Image.objects.filter(missing_since=None).exists()


def test_found_again__is_reported_and_with_fix_unmarked(images, reconcile):
    Image.objects.filter(pk=images[1].pk).update(missing_since=timezone.now())
    outcome = reconcile()
    assert (outcome.code, outcome.counts) == (1, {"found_again": 1})
    assert reconcile("--fix").code == 0
    assert not Image.objects.exclude(missing_since=None).exists()


def test_other_size__is_only_reported(images, reconcile):
    Image.objects.filter(pk=images[1].pk).update(size=1)
    User.objects.update(stored_bytes=4 * SIZE + 1)
    before = state()
    outcome = reconcile("--fix")
    assert (outcome.code, outcome.counts) == (1, {"sizes": 1})
    example = outcome.examples("sizes")[0]
    assert (example["image"], example["row"], example["remote"]) == (
        str(images[1].pk),
        1,
        1234,
    )
    assert state() == before


def test_moved_file__is_only_reported(images, emulator, reconcile):
    """Its id is in the row, so deleting it would delete the image's file."""
    with emulator.services.database.write() as connection:
        connection.execute(
            "UPDATE assets SET folder = '/media/elsewhere' WHERE file_id = ?",
            (file_id(images[1]),),
        )
        connection.execute(
            "UPDATE assets SET name = 'renamed.jpg' WHERE file_id = ?",
            (file_id(images[2]),),
        )
    before = state()
    outcome = reconcile("--fix")
    assert (outcome.code, outcome.counts) == (1, {"displaced": 2})
    assert state() == before


def test_file_put_anew_under_its_path__is_only_reported(images, emulator, reconcile):
    path, old = StoredName.parse(images[1].file.name)
    drop_files(emulator, [old])
    add_files(emulator, [new_file("x")._replace(path=path)])
    before = state()
    outcome = reconcile("--fix")
    assert (outcome.code, outcome.counts) == (1, {"displaced": 1})
    assert state() == before


def test_wrong_count__is_reported_and_with_fix_corrected(
    images, user, stranger, reconcile
):
    User.objects.filter(pk=user.pk).update(item_count=3)
    User.objects.filter(pk=stranger.pk).update(item_count=1)
    outcome = reconcile()
    assert (outcome.code, outcome.counts) == (1, {"counts": 2})
    assert outcome.examples("counts")[0] == {
        "user": str(user.pk),
        "image_count": 3,
        "images": 5,
        "stored_bytes": 5 * SIZE,
        "bytes": 5 * SIZE,
    }
    outcome = reconcile("--fix")
    assert (outcome.code, outcome.report["findings"]["counts"]["fixed"]) == (0, 2)
    user.refresh_from_db()
    stranger.refresh_from_db()
    assert (user.item_count, stranger.item_count) == (5, 0)


def test_wrong_bytes__are_reported_and_with_fix_corrected(images, user, reconcile):
    User.objects.filter(pk=user.pk).update(stored_bytes=1)
    assert reconcile().counts == {"counts": 1}
    before = User.objects.get().content_version
    assert reconcile("--fix").counts == {"counts": 1}
    user.refresh_from_db()
    assert (user.item_count, user.stored_bytes) == (5, 5 * SIZE)
    # The total stands in the list's answer.
    assert user.content_version > before


def test_wrong_counts__of_many_users(db, reconcile, monkeypatch):
    monkeypatch.setattr("images.reconciliation.database._CHUNK", 3)
    User.objects.bulk_create(
        User(email=f"{number}@example.com", item_count=9) for number in range(8)
    )
    assert reconcile("--fix").counts == {"counts": 8}
    assert not User.objects.exclude(item_count=0).exists()


def test_young_image__is_not_marked(images, emulator, reconcile):
    drop_files(emulator, [file_id(images[0])])
    assert reconcile("--older-than=24h").counts == {}
    day_ago = timezone.now() - timedelta(hours=25)
    Image.objects.filter(pk=images[0].pk).update(updated_at=day_ago)
    assert reconcile("--older-than=24h", "--fix").counts == {"missing": 1}
