"""Files that ImageKit stores elsewhere than it was told to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.models import Image
from images.outbox.deletion import delete_due_files
from images.outbox.models import PendingDeletion
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"


@pytest.fixture
def dotted_folder(monkeypatch) -> None:
    """Ask for a folder to which ImageKit gives another name."""
    monkeypatch.setattr(imagekit_storage(), "location", "media.v2")


def test_upload__to_another_folder_is_refused_and_its_file_is_deleted(
    api, remote_paths, dotted_folder
):
    response = api.post(URL, {"file": make_image()}, format="multipart")
    assert response.status_code == 502
    assert not Image.objects.exists()
    (stored,) = remote_paths()
    assert stored.startswith("/media_v2/")
    pending = PendingDeletion.objects.get()
    assert pending.due_at - timezone.now() < timedelta(minutes=1)
    assert delete_due_files().deleted == 1
    assert remote_paths() == set()
