"""Imports with --delete-old-files."""

import pytest

from images.imagekit.aliases import imagekit_storage
from images.models import Image
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion

# Copies are made in threads, each with a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)
OLD = "/Imagekit_Media_Backend/photo_{}.jpg"


def test_delete_old_files__once_the_copies_are_safe(
    kit, ann, upload, import_, remote_paths, deliver
):
    kit.add_image(ann, upload())
    kit.add_image(ann, upload())
    unused = upload()
    outcome = import_("--delete-old-files")
    assert outcome.code == 0
    assert "Old files scheduled for deletion: 2" in outcome.text
    assert "of which no row names 1" in outcome.text
    assert delete_due_files().deleted == 2
    assert OLD.format(2) in remote_paths()
    assert imagekit_storage("kit_backend").existing([unused]) == {unused}
    assert all(deliver(image.url())[0] == 200 for image in Image.objects.all())


def test_delete_old_files__in_a_later_run(kit, ann, upload, import_, remote_paths):
    kit.add_image(ann, upload())
    import_()
    for _ in range(2):
        import_("--delete-old-files")
    assert PendingDeletion.objects.count() == 1
    delete_due_files()
    assert len(remote_paths()) == 1
    assert import_("--delete-old-files").code == 0


def test_delete_old_files__of_an_image_that_was_deleted_here(
    kit, ann, upload, import_, remote_paths
):
    kit.add_image(ann, upload())
    import_()
    Image.objects.get().delete()
    import_("--delete-old-files")
    delete_due_files()
    assert remote_paths() == set()


def test_delete_old_files__spares_those_that_were_left_in_place(
    kit, ann, upload, import_, remote_paths
):
    kit.add_image(ann, upload())
    import_("--leave-in-place")
    kit.add_image(ann, upload())
    import_("--delete-old-files")
    delete_due_files()
    assert OLD.format(0) in remote_paths()
    assert OLD.format(1) not in remote_paths()


def test_delete_old_files__spares_a_file_that_another_row_needs(
    kit, ann, upload, import_, remote_paths
):
    file_id = upload()
    kit.add_image(ann, file_id)
    kit.add_image(kit.add_user("not an email"), file_id)
    assert import_("--delete-old-files").code == 1
    delete_due_files()
    assert OLD.format(0) in remote_paths()
