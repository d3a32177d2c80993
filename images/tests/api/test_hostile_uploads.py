import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from images.models import Image
from images.outbox.models import PendingDeletion
from images.tests.hostile import hostile_uploads

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.mark.parametrize("upload", hostile_uploads(), ids=lambda upload: upload.name)
def test_create__with_a_hostile_file_is_400_and_stores_nothing(api, emulator, upload):
    file = SimpleUploadedFile(upload.filename, upload.content, upload.content_type)
    response = api.post("/api/v1/images/", {"file": file}, format="multipart")
    assert response.status_code == 400, response.content
    error = response.json()["errors"][0]
    assert (error["code"], error["attr"]) == (upload.code, "file")
    assert upload.code == "too_many_pixels" or "JPEG, PNG, WebP" in error["detail"]
    assert emulator.requests.counts() == {}
    assert not Image.objects.exists()
    assert not PendingDeletion.objects.exists()
