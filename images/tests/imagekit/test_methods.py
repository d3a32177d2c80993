"""For each method: success, a missing file, and a failing service."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile

from imagekit_emulator.faults import Fault
from images.imagekit.errors import StorageFileNotFound, StorageUnavailable
from images.imagekit.names import StoredName
from images.tests.pictures import picture_bytes

MISSING = ["no/such.jpg", "no/such~0123456789abcdef01234567.jpg"]
READERS = {
    "size": lambda storage, name: storage.size(name),
    "created": lambda storage, name: storage.get_created_time(name),
    "modified": lambda storage, name: storage.get_modified_time(name),
    "open": lambda storage, name: storage.open(name),
}


@pytest.fixture(params=["with id", "bare path"])
def name(request, storage, content) -> str:
    saved = storage.save("2026/a.jpg", content)
    return saved if request.param == "with id" else StoredName.parse(saved).path


def break_everything(emulator) -> None:
    emulator.faults.add(Fault("any", "status", status=500, every=1))


def test_exists(storage, name):
    assert storage.exists(name)


@pytest.mark.parametrize("name", MISSING)
def test_exists__is_false_for_a_missing_file(storage, name):
    assert not storage.exists(name)


def test_exists__never_takes_an_outage_for_an_absence(storage, name, emulator):
    break_everything(emulator)
    with pytest.raises(StorageUnavailable):
        storage.exists(name)


def test_size(storage, name):
    assert storage.size(name) == len(picture_bytes())


def test_times(storage, name):
    age = datetime.now(UTC) - storage.get_created_time(name)
    assert timedelta(seconds=-5) < age < timedelta(minutes=1)
    assert storage.get_modified_time(name) >= storage.get_created_time(name)


def test_open(storage, name):
    with storage.open(name) as file:
        assert file.read() == picture_bytes()
        assert file.name == name


def test_open__for_writing_is_refused(storage, name):
    with pytest.raises(ValueError, match="mode"):
        storage.open(name, "wb")


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("name", MISSING)
def test_read__of_a_missing_file(storage, reader, name):
    with pytest.raises(StorageFileNotFound):
        reader(storage, name)
    with pytest.raises(FileNotFoundError):
        reader(storage, name)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_read__in_an_outage(storage, reader, name, emulator):
    break_everything(emulator)
    with pytest.raises(StorageUnavailable):
        reader(storage, name)


@pytest.mark.parametrize("kind", ["garbage", "empty"])
def test_size__of_a_garbled_answer_is_an_outage(storage, name, emulator, kind):
    emulator.faults.add(Fault("any", kind, every=1))
    with pytest.raises(StorageUnavailable):
        storage.size(name)


def test_delete(storage, name):
    storage.delete(name)
    assert not storage.exists(name)


@pytest.mark.parametrize("name", MISSING)
def test_delete__of_a_missing_file_is_a_success(storage, name):
    storage.delete(name)


def test_delete__in_an_outage(storage, name, emulator):
    break_everything(emulator)
    with pytest.raises(StorageUnavailable):
        storage.delete(name)


@pytest.mark.parametrize("name", ["", "~id"])
def test_delete__without_a_name_is_an_error(storage, name):
    with pytest.raises(ValueError, match="name"):
        storage.delete(name)


def save_many(storage, count: int) -> list[str]:
    return [storage.save(f"{n}.bin", ContentFile(b"x")) for n in range(count)]


def test_delete_many__needs_one_call(storage, emulator):
    names = save_many(storage, 4)
    emulator.requests.clear()
    assert storage.delete_many(names) == {}
    assert emulator.requests.counts() == {"bulk_delete": 1}
    assert storage.listdir("") == ([], [])


def test_delete_many__with_one_missing_deletes_the_others(storage):
    names = save_many(storage, 3)
    storage.delete(names[1])
    assert storage.delete_many([*names, MISSING[0]]) == {}
    assert storage.listdir("") == ([], [])


def test_delete_many__reports_failures_by_name(storage, emulator):
    names = save_many(storage, 2)
    break_everything(emulator)
    failed = storage.delete_many(names)
    assert set(failed) == set(names)
    assert all(isinstance(error, StorageUnavailable) for error in failed.values())


def test_delete_many__after_a_partial_success_goes_on_one_by_one(storage, emulator):
    names = save_many(storage, 3)
    body = {"successfullyDeletedFileIds": [], "errors": []}
    emulator.faults.add(Fault("bulk_delete", "status", status=207, body=body, next=1))
    assert storage.delete_many(names) == {}
    assert storage.listdir("") == ([], [])


def test_delete_many__of_more_than_the_account_takes(storage, emulator, monkeypatch):
    monkeypatch.setattr("imagekit_emulator.files_api.MAX_BULK_DELETE", 50)
    names = save_many(storage, 60)
    emulator.requests.clear()
    assert storage.delete_many(names) == {}
    assert storage.listdir("") == ([], [])
    assert emulator.requests.counts()["bulk_delete"] == 3


def test_listdir(storage, content):
    storage.save("2026/a.jpg", content)
    storage.save("b.jpg", content)
    assert storage.listdir("") == (["2026"], ["b.jpg"])
    assert storage.listdir("2026") == ([], ["a.jpg"])
    assert storage.listdir("nowhere") == ([], [])


def test_listdir__goes_on_past_one_page(storage, monkeypatch):
    monkeypatch.setattr("images.imagekit.files._LIST_PAGE", 2)
    save_many(storage, 5)
    assert sorted(storage.listdir("")[1]) == [f"{n}.bin" for n in range(5)]


def test_listdir__in_an_outage(storage, emulator):
    break_everything(emulator)
    with pytest.raises(StorageUnavailable):
        storage.listdir("")
