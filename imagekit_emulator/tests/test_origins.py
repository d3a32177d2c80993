"""Requests from pages of other sites."""

import base64
import json

import pytest
from django.test import Client
from django.urls import include, path

from imagekit_emulator.faults import Fault
from imagekit_emulator.tests.pictures import make_image
from imagekit_emulator.tests.test_upload_auth import (
    FORM,
    V1,
    V2,
    make_token,
    send,
    signed_fields,
)

pytestmark = pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")

urlpatterns = [path("_imagekit/", include("imagekit_emulator.urls"))]

FOREIGN = {"Origin": "https://evil.example"}
KEY = {"Authorization": "Basic " + base64.b64encode(b"private_x:").decode()}
MANAGEMENT = [
    ("GET", "/v1/files"),
    ("GET", "/v1/files/{id}/details"),
    ("PATCH", "/v1/files/{id}/details"),
    ("DELETE", "/v1/files/{id}"),
    ("POST", "/v1/files/batch/deleteByFileIds"),
    ("POST", "/v1/files/purge"),
    ("DELETE", "/v1/folder"),
    ("POST", "/_emulator/faults"),
    ("POST", "/_emulator/reset"),
]


def cors_of(answer):
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return {k: v for k, v in headers.items() if k.startswith("access-control")}


@pytest.mark.parametrize(("method", "url"), MANAGEMENT)
def test_management__preflight_of_another_site(http, method, url):
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }

    answer = http.options(url.format(id="x"), headers=FOREIGN | asked)

    assert answer.status_code == 403
    assert cors_of(answer) == {}


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://emulator:81", "null"]
)
@pytest.mark.parametrize(("method", "url"), MANAGEMENT)
def test_management__request_of_another_site(api, upload, app, method, url, origin):
    stored = upload("/a.jpg")
    url = url.format(id=stored.file_id)
    body = {"fileIds": [stored.file_id], "folderPath": "/", "tags": ["x"]}

    answer = api.request(method, url, json=body, headers={"Origin": origin})

    assert answer.status_code == 403
    assert cors_of(answer) == {}
    (kept,) = api.get("/v1/files").json()
    assert kept["tags"] is None
    assert app.faults.all() == []
    assert app.purges() == []


def test_management__request_of_another_site_meets_no_fault(api, app):
    app.faults.add(Fault("list", "status", status=500))

    assert api.get("/v1/files", headers=FOREIGN).status_code == 403
    assert api.get("/v1/files").status_code == 500


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://emulator"}])
def test_management__request_of_a_server_or_its_own_pages(api, headers):
    assert api.get("/v1/files", headers=headers).status_code == 200


def test_management__host_of_the_request_proves_nothing(api):
    headers = {"Host": "evil.example", "Origin": "http://evil.example"}

    assert api.get("/v1/files", headers=headers).status_code == 403


def test_mount__another_site_cannot_empty_the_library(settings, upload, api):
    settings.ROOT_URLCONF = __name__
    settings.IMAGEKIT_EMULATOR |= {"URL_ENDPOINT": "/_imagekit/demo"}
    stored = upload("/a.jpg")
    site = Client(headers=KEY)
    url = "/_imagekit/v1/files/batch/deleteByFileIds"
    # A form can send a body of this type without a preflight.
    body = {"data": json.dumps({"fileIds": [stored.file_id]})}
    body |= {"content_type": "text/plain"}

    preflight = site.options(
        url, headers=FOREIGN | {"Access-Control-Request-Method": "POST"}
    )
    refused = site.post(url, **body, headers=FOREIGN)
    own = site.post(url, **body, headers={"Origin": "http://testserver"})

    assert preflight.status_code == 403
    assert cors_of(preflight) == {}
    assert refused.status_code == 403
    assert own.status_code == 200


def test_mount__host_that_is_not_allowed(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    headers = {**KEY, "Host": "evil.example", "Origin": "http://evil.example"}

    answer = Client(headers=headers).get("/_imagekit/v1/files")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("url", "make_fields"),
    [(V1, signed_fields), (V2, lambda: FORM | {"token": make_token(FORM)})],
    ids=["signature", "token"],
)
def test_upload__of_another_site_with_a_ticket(http, url, make_fields):
    answer = send(http, url, make_fields(), headers=FOREIGN)

    assert answer.status_code == 200
    assert cors_of(answer) == {"access-control-allow-origin": "*"}


@pytest.mark.parametrize("url", [V1, V2])
def test_upload__of_another_site_with_the_key(api, url):
    answer = send(api, url, {"fileName": "a.jpg"}, headers=FOREIGN)

    assert answer.status_code == 403
    assert api.get("/v1/files").json() == []


@pytest.mark.parametrize(
    ("url", "method", "allowed"),
    [(V1, "POST", "POST"), (V2, "POST", "POST"), ("/demo/a.jpg", "GET", "GET, HEAD")],
)
def test_preflight__of_what_is_open(http, url, method, allowed):
    asked = {"Access-Control-Request-Method": method}

    answer = http.options(url, headers=FOREIGN | asked)

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == allowed


@pytest.mark.parametrize("target", ["/a.jpg", "/a.jpg?tr=w-9", "/none.jpg"])
def test_delivery__to_another_site(upload, fetch, target):
    upload("/a.jpg", make_image())

    answer = fetch(target, **FOREIGN)

    assert answer.headers["access-control-allow-origin"] == "*"
