"""Headers, errors and limits of delivery."""

import pytest

from imagekit_emulator.delivery import YEAR_SECONDS
from imagekit_emulator.tests.pictures import make_image


def test_headers__of_a_delivered_file(upload, fetch):
    upload()

    answer = fetch("/a.jpg")

    assert f"max-age={YEAR_SECONDS}" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_etag__answers_304_until_the_file_changes(upload, fetch):
    upload()
    etag = fetch("/a.jpg").headers["etag"]

    again = fetch("/a.jpg", **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert fetch("/a.jpg?tr=w-9", **{"If-None-Match": etag}).status_code == 200
    original = fetch("/a.jpg?tr=orig-true").headers["etag"]
    answer = fetch("/a.jpg?tr=orig-true", **{"If-None-Match": original})
    assert answer.status_code == 304

    upload()
    assert fetch("/a.jpg", **{"If-None-Match": etag}).status_code == 200


def test_head__has_headers_only(upload, http):
    upload()

    answer = http.head("/demo/a.jpg")

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-type"] == "image/jpeg"


def test_attachment__names_the_file(upload, fetch):
    upload("/x/a.jpg")

    answer = fetch("/x/a.jpg?ik-attachment=true")

    assert answer.headers["content-disposition"] == "attachment; filename=a.jpg"


@pytest.mark.parametrize(
    "target",
    [
        "/no.jpg",
        "/",
        "/x/",
        "/tr:w-9/",
        "/a.jpg/b",
        "//",
        "/%00",
        "/%FF.jpg",
        "/X/a.jpg",
    ],
)
def test_missing__file(upload, fetch, target):
    upload("/x/a.jpg")

    answer = fetch(target)

    assert answer.status_code == 404
    assert answer.headers["ik-error"].startswith("ENOENT - ")
    assert answer.text == "Not Found"


@pytest.mark.parametrize(
    "target",
    [
        "/../index.sqlite3",
        "/..%2findex.sqlite3",
        "/%2e%2e/index.sqlite3",
        "/x/../../index.sqlite3",
        "/..\\index.sqlite3",
        "/./a.jpg",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/tr:w-9/../index.sqlite3",
    ],
)
def test_path_traversal__finds_nothing(upload, app, live_url, target):
    import socket

    upload()
    assert (app.config.root / "index.sqlite3").exists()
    host, _, port = live_url.removeprefix("http://").partition(":")
    # A plain socket: HTTP clients normalise such URLs before they send them.
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(f"GET /demo{target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))

    assert answer.split(b"\r\n")[0].endswith(b"404 NOT FOUND")


@pytest.mark.parametrize(
    "tr",
    [
        "n-unknown",
        "w-x",
        "w--5",
        "w-1e9",
        "zz-1",
        "c-crop",
        "q-0",
        "q-101",
        "bl-0",
        "f-tga",
        "rt-abc",
        "ar-0-1,w-5",
        "r-x",
        "dpr-99",
        "w-10,h-10,cm-extract,x-99",
        ":".join(["w-9"] * 21),
        "w-" + "9" * 5000,
    ],
    ids=lambda tr: tr[:20],
)
def test_transformation__bad_value(upload, fetch, tr):
    upload()

    answer = fetch(f"/a.jpg?tr={tr}")

    assert answer.status_code == 400
    assert answer.headers["ik-error"]


@pytest.mark.parametrize(
    "tr",
    [
        "w-65000,h-65000",
        "w-60000",
        "w-60000,h-60000,cm-pad_resize",
        "w-4000,h-4000:w-65000",
        "w-6000,h-6000:rt-45",
        "w-5000,h-60000,c-at_least",
    ],
)
def test_transformation__huge_output_is_refused(upload, fetch, tr):
    upload("/a.png", make_image(64, 48, "PNG"))

    answer = fetch(f"/a.png?tr={tr}")

    assert answer.status_code == 400
    assert answer.headers["ik-error"].startswith("ELIMIT")


def test_transformation__side_over_the_maximum_is_ignored(upload, fetch):
    upload()

    assert fetch("/a.jpg?tr=w-99999").status_code == 200


def test_transformation__unused_ones_are_accepted(upload, fetch):
    upload()

    assert fetch("/a.jpg?tr=t-true,lo-true,w-9,b-5_FFF000").status_code == 200


def test_damaged_image__is_delivered_as_stored_only(upload, fetch):
    broken = make_image()[:100]
    upload("/a.jpg", broken)

    assert fetch("/a.jpg?tr=w-9").status_code == 400
    assert fetch("/a.jpg?tr=orig-true").content == broken


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.svg", b"<svg/>"), ("a.html", b"<p>"), ("a.bin", b"\x00\x01")],
)
def test_other_file__is_delivered_as_stored(upload, fetch, name, content):
    upload(f"/{name}", content)

    assert fetch(f"/{name}?tr=w-9").content == content


def test_bytes_gone__is_a_404(upload, fetch, app):
    upload()
    app.services.blobs.clear()

    assert fetch("/a.jpg").status_code == 404


@pytest.mark.parametrize("path", ["/", "/other/a.jpg", "/v2/files", "/v1/nothing"])
def test_address__unknown(api, path):
    assert api.get(path).status_code == 404


def test_method__unknown(api):
    assert api.put("/v1/files").status_code == 405
