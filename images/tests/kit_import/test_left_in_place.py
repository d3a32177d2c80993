"""Changes of images that an import has left in place."""

import pytest
from django.core.management import call_command

from accounts.models import User
from images.imagekit.aliases import imagekit_storage
from images.models import Image
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion
from images.reconciliation.database import wrong_counts
from images.tests.changes import create_image, replace_file, update_image
from images.tests.pictures import make_image, picture_bytes

pytestmark = pytest.mark.django_db
FOLDER = "/Imagekit_Media_Backend"


def test_deletion__removes_the_file_in_the_old_folder(
    image, remote_paths, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        image.delete()
    assert not PendingDeletion.objects.exists()
    assert remote_paths() == set()


def test_deletion__purges_the_url_in_the_old_folder(
    image, settings, emulator, django_capture_on_commit_callbacks
):
    settings.IMAGEKIT_PURGE_ON = "delete"
    url = image.url()
    with django_capture_on_commit_callbacks(execute=True):
        User.objects.get().delete()
    with emulator.services.database.read() as connection:
        purged = [row["url"] for row in connection.execute("SELECT url FROM purges")]
    assert len(purged) == 1
    assert purged[0].endswith(f"{url}*")


def test_deletion__of_files_in_both_folders(image, remote_paths):
    ours = create_image(owner=image.owner, file=make_image())
    Image.objects.all().delete()
    assert {row.storage for row in PendingDeletion.objects.all()} == {
        "default",
        "kit_backend",
    }
    assert delete_due_files().deleted == 2
    assert remote_paths() == set()
    assert ours.storage is imagekit_storage()


def test_caption__does_not_move_the_file(image, remote_paths):
    changed = update_image(image=image, caption="New", visibility="public")
    assert (changed.left_in_place, changed.visibility) == (True, "public")
    assert remote_paths() == {f"{FOLDER}/photo_0.jpg"}


def assert_moved(image: Image, remote_paths) -> None:
    image.refresh_from_db()
    assert not image.left_in_place
    assert image.file.name.startswith(f"{image.owner_id}/{image.pk}")
    assert list(wrong_counts()) == []
    delete_due_files()
    (path,) = remote_paths()
    assert path.startswith("/media/")


def test_private__moves_the_file_without_its_metadata(
    kit, upload, place, remote_paths, photos, exiftool
):
    kit.add_image(kit.add_user(), upload(photos["baseline.jpg"]))
    place()
    image = Image.objects.get()
    update_image(image=image, visibility="private")
    assert_moved(image, remote_paths)
    with image.storage.open(image.file.name) as file:
        tags = exiftool({"stored.jpg": file.read()})["stored.jpg"]
    assert not any("GPS" in tag for tag in tags)
    update_image(image=image, visibility="public")
    assert_moved(Image.objects.get(), remote_paths)


def test_replacement__moves_to_our_folder(image, remote_paths):
    replace_file(image=image, file=make_image(30, 20))
    assert_moved(image, remote_paths)


def test_private__of_a_file_that_we_refuse(kit, upload, place, api_of_ann):
    """Nothing is lost: the image stays public, and says why."""
    kit.add_image(kit.add_user(), upload(picture_bytes(noise=True)[:-500]))
    place()
    image = Image.objects.get()
    answer = api_of_ann().patch(
        f"/api/v1/images/{image.pk}/", {"visibility": "private"}
    )
    assert answer.status_code == 502
    image.refresh_from_db()
    assert (image.left_in_place, image.visibility) == (True, "unlisted")


def test_reconcile_files__does_not_look_at_the_old_folder(image, emulator, capsys):
    emulator.requests.clear()
    call_command("reconcile_files", "--older-than=0s", "--fix")
    assert emulator.requests.counts() == {"list": 1}
    image.refresh_from_db()
    assert image.missing_since is None
