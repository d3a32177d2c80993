from io import BytesIO

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import TemporaryUploadedFile

from imagekit_emulator.faults import Fault
from images.imagekit.errors import (
    StorageMisplaced,
    StorageRateLimited,
    StorageRejected,
    StorageUnavailable,
)
from images.imagekit.names import StoredName
from images.tests.pictures import picture_bytes


def test_save__returns_the_path_and_the_file_id(storage, content):
    name = storage.save("2026/a.jpg", content)
    path, file_id = StoredName.parse(name)
    assert path == "2026/a.jpg"
    assert file_id
    with storage.open(name) as file:
        assert file.read() == picture_bytes()


def test_save__finds_a_free_name(storage, content):
    first = storage.save("a.jpg", content)
    second = storage.save("a.jpg", ContentFile(b"other"))
    assert StoredName.parse(first).path != StoredName.parse(second).path
    assert storage.size(second) == 5


def test_save__overwrites_when_told_to(make_storage, content):
    storage = make_storage(allow_overwrite=True)
    storage.save("a.jpg", content)
    name = storage.save("a.jpg", ContentFile(b"other"))
    assert storage.listdir("") == ([], ["a.jpg"])
    assert storage.size(name) == 5


def test_save__keeps_to_imagekit_s_alphabet(storage, content):
    name = storage.save(storage.get_valid_name("Ürlaub am Méer (1).jpg"), content)
    assert StoredName.parse(name).path.isascii()
    assert storage.exists(name)


def test_save__of_an_object_that_is_no_django_file(storage):
    name = storage.save("a.bin", BytesIO(b"plain"))
    assert storage.size(name) == 5


def test_save__leaves_room_for_the_id(storage, content):
    name = storage.save("x" * 300 + ".jpg", content, max_length=100)
    assert len(name) <= 100
    assert storage.exists(name)


def test_names__cannot_leave_the_location(storage, content):
    for name in ("/etc/passwd", "../outside.jpg", "a/../../outside.jpg"):
        with pytest.raises(SuspiciousFileOperation):
            storage.save(name, content)
        with pytest.raises(SuspiciousFileOperation):
            storage.url(name.replace("/etc", "/../etc"))


def test_save__outside_the_location_is_refused_and_can_be_deleted(
    make_storage, content, remote_paths
):
    storage = make_storage(location="media")
    storage.location = "media.v2"
    with pytest.raises(StorageMisplaced) as raised:
        storage.save("a.jpg", content)
    assert remote_paths() == {"/media_v2/a.jpg"}
    storage.delete(raised.value.stored_name)
    assert remote_paths() == set()


class Unreadable(File):
    """A file that must be streamed: reading all of it at once is an error."""

    largest = 0

    def read(self, size: int = -1) -> bytes:
        assert 0 < size <= 1024 * 1024, "the whole file was asked for"
        Unreadable.largest = max(Unreadable.largest, size)
        return self.file.read(size)


def test_save__streams(storage):
    content = picture_bytes(1500, 1000, noise=True)
    with TemporaryUploadedFile("a.jpg", "image/jpeg", len(content), None) as file:
        file.write(content)
        file.seek(0)
        name = storage.save("a.jpg", Unreadable(file))
    assert storage.size(name) == len(content)
    assert Unreadable.largest > 0


class Pipe(BytesIO):
    def seekable(self) -> bool:
        return False


def test_save__never_sends_a_used_up_pipe_again(storage, emulator):
    """A second try would store an empty file, and report it as a success."""
    emulator.faults.add(Fault("upload", "lost_response", next=1))
    with pytest.raises(StorageUnavailable):
        storage.save("a.bin", File(Pipe(b"12345"), name="a.bin"))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("upload", "status", status=401, every=1), StorageRejected),
        (Fault("upload", "status", status=403, every=1), StorageRejected),
        (Fault("upload", "status", status=500, every=1), StorageUnavailable),
        (Fault("upload", "status", status=429, every=1), StorageRateLimited),
        (Fault("upload", "drop_before", every=1), StorageUnavailable),
        (Fault("upload", "garbage", every=1), StorageUnavailable),
        (Fault("upload", "empty", every=1), StorageUnavailable),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_save__raises_typed_errors_from_their_cause(
    storage, content, emulator, fault, error
):
    emulator.faults.add(fault)
    with pytest.raises(error) as raised:
        storage.save("a.jpg", content)
    assert "private_" not in str(raised.value)


def test_save__says_how_long_to_wait(storage, content, emulator):
    headers = {"X-RateLimit-Reset": "1500"}
    emulator.faults.add(Fault("upload", "status", status=429, headers=headers, every=1))
    with pytest.raises(StorageRateLimited) as raised:
        storage.save("a.jpg", content)
    assert raised.value.retry_after == 1.5


def test_save__gives_up_on_a_hung_service(make_storage, content, emulator):
    storage = make_storage(timeout=0.05)
    # One try and one retry; the next call finds the service well again.
    emulator.faults.add(Fault("upload", "latency", seconds=60, next=2))
    with pytest.raises(StorageUnavailable):
        storage.save("a.jpg", content)
    assert storage.save("b.jpg", content)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("inf", 3600), ("1e300", 3600), ("7200000", 3600), ("-5", 0), ("-inf", 0)]
    + [("nan", 10), ("soon", 10), ("", 10)],
)
def test_save__does_not_believe_an_absurd_wait(
    storage, content, emulator, value, seconds
):
    """A wait of `inf` seconds could not be added to a date, nor be sent to a client."""
    headers = {"X-RateLimit-Reset": value}
    emulator.faults.add(Fault("upload", "status", status=429, every=1, headers=headers))
    with pytest.raises(StorageRateLimited) as raised:
        storage.save("x.jpg", content)
    assert raised.value.retry_after == seconds
