"""Uploads as streams: limits, memory and bad bodies."""

import os
import tracemalloc

import httpx
import pytest

MEGABYTE = 1024 * 1024

URL = "/api/v1/files/upload"
BOUNDARY = "frontier"
TYPE = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    extra = f'; filename="{filename}"' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{extra}'
    return head.encode() + b"\r\n\r\n" + content + b"\r\n"


def stream(megabytes: int):
    yield part("fileName", b"big.bin")
    yield part("file", b"", "big.bin")[:-2]
    for _ in range(megabytes):
        yield b"\x00" * MEGABYTE
    yield f"\r\n--{BOUNDARY}--\r\n".encode()


def test_upload__does_not_hold_the_file_in_memory(api):
    api.post(URL, headers=TYPE, content=stream(1))
    tracemalloc.start()
    try:
        answer = api.post(URL, headers=TYPE, content=stream(24))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert answer.json()["size"] == 24 * MEGABYTE
    # A chunk of the sender, and the buffers of the reader and the decoder.
    assert peak < 6 * MEGABYTE


@pytest.mark.parametrize("way", ["in-process", "http"])
def test_upload__over_the_limit(api, app, way, request):
    post = api.post
    url = URL
    if way == "http":
        post, url = httpx.post, request.getfixturevalue("live_url") + URL

    answer = post(url, headers=TYPE, content=stream(26), auth=("private_x", ""))

    assert answer.status_code == 400
    assert "larger than" in answer.json()["message"]
    assert not list((app.config.root / "spool").iterdir())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        f"--{BOUNDARY}\r\n\r\n".encode(),
        part("fileName", b"a"),
        part("file", b"x", "a")[:-9],
        f"--{BOUNDARY}\r\nContent-Disposition: \xff\r\n\r\n".encode("latin-1"),
        f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n".encode()
        + f"--{BOUNDARY}--".encode(),
        part("fileName", b"x" * 300_000) + f"--{BOUNDARY}--".encode(),
        b"".join(part(f"f{n}", b"x") for n in range(101)) + f"--{BOUNDARY}--".encode(),
    ],
    ids=lambda body: f"{len(body)}-bytes",
)
def test_upload__broken_form(api, body):
    assert api.post(URL, headers=TYPE, content=body).status_code == 400


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "multipart/form-data", "multipart/form-data; boundary=é", ""],
)
def test_upload__wrong_content_type(api, content_type):
    headers = {"Content-Type": content_type.encode("latin-1")}

    answer = api.post(URL, headers=headers, content=os.urandom(100))

    assert answer.status_code == 400
