"""What the CDN keeps: deleting does not purge."""

import dataclasses
import io

import httpx
import pytest

from imagekit_emulator.app import Emulator
from imagekit_emulator.tests.pictures import make_image

AUTH = ("private_x", "")


@pytest.fixture
def cdn(app, monkeypatch):
    """Serve an account that has the cache."""
    cached = Emulator(dataclasses.replace(app.config, cdn_cache=True))
    monkeypatch.setattr("imagekit_emulator.transport.get_app", lambda: cached)
    yield cached
    cached.close()


@pytest.fixture
def client(cdn, http) -> httpx.Client:
    return http


TARGETS = ["/demo/a.jpg", "/demo/a.jpg?tr=w-9", "/demo/tr:w-9/a.jpg"]


@pytest.fixture
def deleted(client):
    answer = client.post(
        "/api/v1/files/upload",
        data={"fileName": "a.jpg", "useUniqueFileName": "false"},
        files={"file": ("a", io.BytesIO(make_image()))},
        auth=AUTH,
    )
    first = [client.get(target).content for target in TARGETS]
    client.delete(f"/v1/files/{answer.json()['fileId']}", auth=AUTH)
    return first


def purge(client, url):
    answer = client.post("/v1/files/purge", json={"url": url}, auth=AUTH)
    assert answer.status_code == 201


def statuses(client):
    return [client.get(target).status_code for target in TARGETS]


def test_delete__does_not_purge(client, deleted):
    answers = [client.get(target) for target in TARGETS]

    assert [answer.content for answer in answers] == deleted
    assert answers[1].headers["content-type"] == "image/jpeg"


def test_purge__of_one_url(client, deleted):
    purge(client, "http://emulator/demo/a.jpg")

    assert statuses(client) == [404, 200, 200]


def test_purge__wildcard_covers_query_style_only(client, deleted):
    purge(client, "http://emulator/demo/a.jpg*")

    assert statuses(client) == [404, 404, 200]


def test_purge__is_recorded(client, cdn):
    purge(client, "http://emulator/demo/a.jpg*")

    (noted,) = client.get("/_emulator/purges", auth=AUTH).json()
    assert noted["url"] == "http://emulator/demo/a.jpg*"
    assert cdn.purges() == [noted]
