"""Faults on demand, through the transport and over a socket."""

import json
import time

import httpx
import imagekitio
import pytest

from imagekit_emulator.faults import Fault
from imagekit_emulator.tests.pictures import make_image
from scripts.waiting import wait_for


def put(sdk, name="a.jpg"):
    return sdk.files.upload(file=(name, make_image()), file_name=name)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (403, imagekitio.PermissionDeniedError),
        (429, imagekitio.RateLimitError),
        (500, imagekitio.InternalServerError),
        (503, imagekitio.InternalServerError),
    ],
)
def test_status__answers_without_working(any_sdk, app, status, error):
    app.faults.add(Fault("upload", "status", status=status))

    with pytest.raises(error) as caught:
        put(any_sdk)

    assert caught.value.response.headers["x-ik-requestid"]
    assert any_sdk.assets.list() == []
    assert put(any_sdk).file_id


def test_status__429_says_how_long_to_wait(any_sdk, app):
    app.faults.add(Fault("list", "status", status=429))
    app.faults.add(
        Fault("list", "status", status=429, headers={"X-RateLimit-Reset": "3000"})
    )

    resets = []
    for _ in range(2):
        with pytest.raises(imagekitio.RateLimitError) as caught:
            any_sdk.assets.list()
        resets.append(caught.value.response.headers["x-ratelimit-reset"])

    assert resets == ["1000", "3000"]


def test_lost_response__work_is_done(any_sdk, app):
    app.faults.add(Fault("upload", "lost_response"))

    start = time.monotonic()
    with pytest.raises(imagekitio.APIConnectionError) as caught:
        put(any_sdk)

    cause = caught.value.__cause__
    assert isinstance(cause, httpx.RemoteProtocolError | httpx.ReadError)
    assert time.monotonic() - start < 5
    assert len(any_sdk.assets.list()) == 1


def test_drop_before__work_is_not_done(any_sdk, app):
    app.faults.add(Fault("upload", "drop_before"))

    with pytest.raises(imagekitio.APIConnectionError):
        put(any_sdk)

    assert any_sdk.assets.list() == []


def test_latency__over_the_time_out_of_the_client(any_sdk, app):
    app.faults.add(Fault("upload", "latency", seconds=1))
    patient = httpx.Timeout(5, read=0.15)

    start = time.monotonic()
    with pytest.raises(imagekitio.APITimeoutError) as caught:
        put(any_sdk.with_options(timeout=patient))

    assert isinstance(caught.value.__cause__, httpx.ReadTimeout)
    assert time.monotonic() - start < 0.95
    assert len(any_sdk.assets.list()) == 1
    wait_for(lambda: "upload" in app.requests.counts())
    assert app.requests.counts()["upload"] == 1


def test_latency__below_the_time_out(any_sdk, app):
    app.faults.add(Fault("list", "latency", seconds=0.1))

    start = time.monotonic()
    assert any_sdk.assets.list() == []
    assert time.monotonic() - start >= 0.1


@pytest.mark.parametrize("kind", ["garbage", "empty"])
def test_broken_json__work_is_done(any_sdk, app, kind):
    app.faults.add(Fault("upload", kind))

    with pytest.raises(json.JSONDecodeError):
        put(any_sdk)

    assert len(any_sdk.assets.list()) == 1


def test_delivery__can_fail_too(upload, fetch, app):
    upload()
    app.faults.add(Fault("delivery", "status", status=502))

    assert fetch("/a.jpg").status_code == 502
    assert fetch("/a.jpg").status_code == 200


def test_next__meets_so_many_requests(api, app):
    app.faults.add(Fault("list", "status", next=2))

    statuses = [api.get("/v1/files").status_code for _ in range(4)]

    assert statuses == [500, 500, 200, 200]
    assert app.faults.all() == []


def test_every__meets_each_nth_request(api, app):
    app.faults.add(Fault("any", "status", status=503, every=3))

    statuses = [api.get("/v1/files").status_code for _ in range(7)]

    assert statuses == [200, 200, 503, 200, 200, 503, 200]


def test_operation__others_are_not_met(api, app):
    app.faults.add(Fault("details", "status", every=1))

    assert api.get("/v1/files").status_code == 200
    assert api.get("/v1/files/x/details").status_code == 500


def test_control__set_listed_and_cleared_over_http(any_sdk, api, app):
    body = {"operation": "list", "kind": "status", "status": 418, "next": 1}
    body |= {"body": {"message": "teapot"}, "headers": {"X-Tea": "green"}}

    assert api.post("/_emulator/faults", json=body).status_code == 201
    assert api.get("/_emulator/faults").json()[0]["status"] == 418
    with pytest.raises(imagekitio.APIStatusError) as caught:
        any_sdk.assets.list()
    assert caught.value.body == {"message": "teapot"}
    assert caught.value.response.headers["x-tea"] == "green"

    api.post("/_emulator/faults", json=body)
    assert api.delete("/_emulator/faults").status_code == 204
    assert app.faults.all() == []


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "magic"},
        {"operation": None},
        {"status": 99},
        {"status": "500"},
        {"seconds": -1},
        {"next": 0},
        {"every": 1.5},
        {"next": 1, "every": 2},
        {"headers": {"a": "b\r\nc"}},
        {"headers": ["a"]},
        {"surprise": 1},
    ],
    ids=str,
)
def test_control__bad_fault(api, app, change):
    body = {"operation": "list", "kind": "status"} | change

    assert api.post("/_emulator/faults", json=body).status_code == 400
    assert app.faults.all() == []


@pytest.mark.parametrize("path", ["faults", "requests", "purges"])
def test_control__needs_the_key(http, path):
    assert http.get(f"/_emulator/{path}").status_code == 401
    assert http.post("/_emulator/reset").status_code == 401


def test_requests__are_counted_with_their_ids(api, sdk, app):
    ids = [put(sdk, f"{n}.jpg").file_id for n in range(3)]
    sdk.files.bulk.delete(file_ids=ids)
    with pytest.raises(imagekitio.NotFoundError):
        sdk.files.get(ids[0])

    report = api.get("/_emulator/requests").json()

    assert report["counts"] == {"upload": 3, "bulk_delete": 1, "details": 1}
    assert report["ids"]["bulk_delete"] == 3
    assert report["requests"][-1]["status"] == 404
    assert api.delete("/_emulator/requests").status_code == 204
    assert app.requests.counts() == {}


def test_requests__dropped_ones_are_counted(api, app):
    app.faults.add(Fault("list", "lost_response"))

    with pytest.raises(httpx.TransportError):
        api.get("/v1/files")

    assert app.requests.latest()[-1]["status"] == 0


def test_reset__empties_the_account(api, sdk, app):
    put(sdk)
    sdk.cache.invalidation.create(url="http://emulator/demo/a.jpg")
    app.faults.add(Fault("list", "status", every=1))

    assert api.post("/_emulator/reset").status_code == 204

    assert api.get("/v1/files").json() == []
    assert api.get("/_emulator/purges").json() == []
    assert not list((app.config.root).glob("blobs/*/*"))
