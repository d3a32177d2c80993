"""The emulator below a prefix of a Django site."""

import base64
import threading
import wsgiref.simple_server
from wsgiref.handlers import SimpleHandler

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.urls import include, path
from imagekitio import ImageKit

from imagekit_emulator.faults import Fault
from imagekit_emulator.tests.conftest import make_sdk
from imagekit_emulator.tests.pictures import make_image, open_image

urlpatterns = [path("_imagekit/", include("imagekit_emulator.urls"))]

KEY = {"Authorization": "Basic " + base64.b64encode(b"private_x:").decode()}


@pytest.fixture(autouse=True)
def mounted(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
    settings.ALLOWED_HOSTS = ["*"]
    settings.IMAGEKIT_EMULATOR |= {"URL_ENDPOINT": "/_imagekit/demo"}


@pytest.fixture
def site(mounted, monkeypatch):
    """Serve the Django site with the server of the standard library."""

    class Handler(wsgiref.simple_server.WSGIRequestHandler):
        def log_message(self, *args): ...

    # The handler prints the error of a body that breaks off, which is expected here.
    monkeypatch.setattr(SimpleHandler, "log_exception", lambda *args: None)
    server = wsgiref.simple_server.make_server(
        "127.0.0.1", 0, WSGIHandler(), handler_class=Handler
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_mount__serves_api_and_delivery(site):
    with make_sdk(f"{site}/_imagekit") as sdk:
        stored = sdk.files.upload(
            file=("ü b.jpg", make_image(64, 48)),
            file_name="ü b.jpg",
            use_unique_file_name=False,
        )
        listed = sdk.assets.list(search_query='name = "__b.jpg"')

    answer = httpx.get(f"{site}{stored.url}?tr=w-32")

    assert [row.file_id for row in listed] == [stored.file_id]
    assert open_image(answer.content).size == (32, 24)


def test_mount__checks_signatures_over_the_quoted_path(site, upload):
    upload("/x/a.jpg", is_private_file=True)
    url = ImageKit(private_key="private_x").helper.build_url(
        url_endpoint=f"{site}/_imagekit/demo",
        src="/x/a.jpg",
        signed=True,
        transformation=[{"width": 9, "raw": "bg-red"}],
        transformation_position="path",
    )

    assert httpx.get(url).status_code == 200
    assert httpx.get(url + "0").status_code == 401


def test_mount__dropped_connection(site, app):
    app.faults.add(Fault("list", "lost_response"))

    with pytest.raises(httpx.TransportError):
        httpx.get(f"{site}/_imagekit/v1/files", headers=KEY)


def test_mount__posts_need_no_csrf_token(mounted):
    client = Client(enforce_csrf_checks=True, headers=KEY)

    answer = client.post(
        "/_imagekit/v1/folder",
        {"folderName": "a", "parentFolderPath": "/"},
        content_type="application/json",
    )

    assert answer.status_code == 201


@pytest.mark.parametrize("ip", ["203.0.113.7", "10.0.0.1", "", "unix"])
def test_mount__remote_callers_are_refused(mounted, ip):
    answer = Client(REMOTE_ADDR=ip).get("/_imagekit/demo/a.jpg")

    assert answer.status_code == 403


def test_mount__remote_callers_allowed(settings):
    settings.IMAGEKIT_EMULATOR |= {"ALLOW_REMOTE": True}

    answer = Client(REMOTE_ADDR="203.0.113.7").get("/_imagekit/demo/a.jpg")

    assert answer.status_code == 404
    assert answer.headers["ik-error"].startswith("ENOENT")


def test_mount__root(mounted):
    assert Client().get("/_imagekit/").status_code == 404
