"""The stand-in, with the storage of the project and the SDK."""

import time

import httpx
import pytest
from django.core.files.base import ContentFile

from benchmarks.servers import Server, running_standin
from images.imagekit.names import StoredName
from images.imagekit.storage import ImageKitStorage


@pytest.fixture(scope="module")
def standin(tmp_path_factory):
    with running_standin(tmp_path_factory.mktemp("standin")) as server:
        yield server


@pytest.fixture
def storage(standin: Server) -> ImageKitStorage:
    return ImageKitStorage(
        private_key="private_benchmark",
        url_endpoint="https://ik.imagekit.io/demo",
        api_url=standin.url,
        location="media",
    )


def test_save_and_delete__more_than_one_buffer(storage):
    name = storage.save("7/a.jpg", ContentFile(bytes(3_000_000)))
    path, file_id = StoredName.parse(name)
    assert path == "7/a.jpg"
    assert file_id
    storage.delete(name)


def test_save__answers_after_the_delay(standin, storage):
    httpx.post(f"{standin.url}/delay/300").raise_for_status()
    started = time.monotonic()
    storage.save("7/b.jpg", ContentFile(b"content"))
    assert time.monotonic() - started >= 0.3
