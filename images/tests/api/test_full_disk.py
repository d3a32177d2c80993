"""Uploads that the disk for temporary files has no room for."""

import errno
import gc
import tempfile

import pytest
from django.core.files import uploadedfile

from images.models import Image
from images.tests.api.test_create import URL
from images.tests.pictures import make_image
from mediabackend.http import body_limit

pytestmark = pytest.mark.django_db


class SmallDisk:
    """Temporary files of which the first bytes fit on the disk only."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.files = []

    def NamedTemporaryFile(self, **options):  # noqa: N802  (tempfile's name)
        file = tempfile.NamedTemporaryFile(**options)  # noqa: SIM115
        write = file.file.write

        def write_until_full(data):
            if file.tell() + len(data) > self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return write(data)

        file.write = write_until_full
        self.files.append(file)
        return file


@pytest.fixture
def disk(monkeypatch, settings) -> SmallDisk:
    disk = SmallDisk(room=200_000)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    monkeypatch.setattr(uploadedfile, "tempfile", disk)
    return disk


@pytest.fixture
def no_garbage_collection():
    gc.disable()
    yield
    gc.enable()


def upload(api, size: int):
    file = make_image()
    file.file.seek(0, 2)
    file.file.write(bytes(size))
    file.file.seek(0)
    return api.post(URL, {"file": file}, format="multipart")


def test_upload__on_a_full_disk_is_507_and_frees_it(api, disk, no_garbage_collection):
    response = upload(api, 1_000_000)
    assert response.status_code == 507
    assert response.json()["errors"][0]["code"] == "server_full"
    assert "Retry-After" in response
    (file,) = disk.files
    assert file.closed
    assert not Image.objects.exists()
    assert upload(api, 10_000).status_code == 201


def test_upload__over_the_limit_frees_the_disk(
    api, disk, settings, no_garbage_collection, monkeypatch
):
    """Found out while the file arrives: the form as a whole was within its limit."""
    settings.UPLOAD_MAX_BYTES = 100_000
    monkeypatch.setattr(body_limit, "FORM_ALLOWANCE", 10**6)
    assert upload(api, 150_000).status_code == 413
    (file,) = disk.files
    assert file.closed


def test_upload__that_is_no_picture_frees_the_disk(api, disk, no_garbage_collection):
    response = api.post(URL, {"file": _text()}, format="multipart")
    assert response.status_code == 400
    assert all(file.closed for file in disk.files)


def _text():
    file = make_image()
    file.file.seek(0)
    file.file.write(b"no picture at all" * 1000)
    file.file.seek(0)
    return file
