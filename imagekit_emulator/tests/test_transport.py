"""The transport without a port."""

import httpx
import pytest
from django.core.exceptions import ImproperlyConfigured
from imagekitio import ImageKit

from imagekit_emulator.tests.pictures import make_image
from imagekit_emulator.transport import get_app, in_process_transport


def test_get_app__is_kept_while_the_settings_stay(app):
    assert get_app() is app


def test_get_app__is_made_again_for_other_settings(app, settings, tmp_path):
    changed = settings.IMAGEKIT_EMULATOR | {"ROOT": tmp_path / "other"}
    settings.IMAGEKIT_EMULATOR = changed

    assert get_app() is not app
    assert get_app().config.root == tmp_path / "other"


def test_get_app__without_an_emulator(settings):
    settings.IMAGEKIT_EMULATOR = None

    with pytest.raises(ImproperlyConfigured):
        get_app()


def test_endpoint__may_be_a_path(sdk, settings):
    options = settings.IMAGEKIT_EMULATOR | {"URL_ENDPOINT": "/_imagekit/demo/"}
    settings.IMAGEKIT_EMULATOR = options

    answer = sdk.files.upload(
        file=("a.jpg", make_image()), file_name="a.jpg", use_unique_file_name=False
    )

    assert answer.url == "/_imagekit/demo/a.jpg"
    assert answer.thumbnail_url == "/_imagekit/demo/tr:n-ik_ml_thumbnail/a.jpg"


def test_body__of_an_answer_is_streamed(upload):
    content = make_image(1000, 1000, "PNG")
    upload("/a.png", content)

    with (
        httpx.Client(transport=in_process_transport()) as client,
        client.stream("GET", "http://x/demo/a.png?tr=orig-true") as answer,
    ):
        chunks = list(answer.iter_raw())

    assert b"".join(chunks) == content


def test_answer__left_unread_is_closed(upload):
    upload("/a.png", make_image(1000, 1000, "PNG"))

    with (
        httpx.Client(transport=in_process_transport()) as client,
        client.stream("GET", "http://x/demo/a.png?tr=orig-true") as answer,
    ):
        assert answer.status_code == 200

    assert answer.is_closed


def test_error_while_reading_the_body__reaches_the_caller(api):
    def broken():
        yield b"--x\r\n"
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        api.post(
            "/api/v1/files/upload",
            content=broken(),
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )


@pytest.mark.parametrize("length", [9, 11])
def test_request__of_another_length_than_declared_fails(http, length):
    body = iter([b"12345", b"67890"])
    headers = {
        "Content-Length": str(length),
        "Content-Type": "multipart/form-data; boundary=x",
    }
    with pytest.raises(httpx.LocalProtocolError, match="Content-Length"):
        http.post("/api/v1/files/upload", content=body, headers=headers)


@pytest.mark.parametrize("prefix", ["", "/_imagekit"])
def test_request__may_have_the_prefix_of_the_mount(upload, http, settings, prefix):
    options = settings.IMAGEKIT_EMULATOR | {"URL_ENDPOINT": "/_imagekit/demo"}
    settings.IMAGEKIT_EMULATOR = options
    upload("/a b/x.jpg", is_private_file=True)
    url = ImageKit(private_key="private_x").helper.build_url(
        url_endpoint=f"http://emulator{prefix}/demo", src="/a_b/x.jpg", signed=True
    )

    assert http.get(url).status_code == 200
    assert http.get(f"{prefix}/v1/files").status_code == 401
