"""Webhooks, received by a server and checked by the official client."""

import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


@pytest.fixture
def inbox() -> Iterator[tuple[str, queue.Queue]]:
    """Listen; returns the URL, and a queue of headers and bodies."""
    received: queue.Queue = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((dict(self.headers), body.decode()))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args):
            """Log nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def next_event(inbox, api, sdk):
    """Turn webhooks on; returns a function that waits for one and checks it."""
    url, received = inbox
    body = {"url": url, "secret": SECRET}
    assert api.post("/_emulator/webhook", json=body).status_code == 204

    def wait():
        headers, text = received.get(timeout=10)
        return sdk.webhooks.unwrap(text, headers=headers, key=SECRET)

    return wait


def test_upload__sends_file_created(next_event, upload):
    stored = upload("/folder/a.jpg")
    event = next_event()
    assert event.type == "file.created"
    assert event.data.file_id == stored.file_id
    assert event.data.file_path == "/folder/a.jpg"


def test_upload__over_a_file_sends_that_there_is_a_version(next_event, upload):
    upload("/a.jpg")
    next_event()
    upload("/a.jpg")
    assert next_event().type == "file-version.created"


def test_delete__sends_file_deleted(next_event, upload, sdk):
    files = [upload(f"/{name}.jpg").file_id for name in "abc"]
    assert [next_event().type for _ in files] == ["file.created"] * 3
    sdk.files.delete(files[0])
    sdk.files.bulk.delete(file_ids=files[1:])
    events = [next_event() for _ in files]
    assert {event.data.file_id for event in events} == set(files)
    assert {event.type for event in events} == {"file.deleted"}


def test_webhooks__are_sent_to_nobody_once_turned_off(next_event, upload, api, inbox):
    assert api.delete("/_emulator/webhook").status_code == 204
    upload("/a.jpg")
    assert api.get("/_emulator/webhook").json() == []
    assert inbox[1].empty()


@pytest.mark.parametrize("body", [{}, {"url": "x", "secret": "y"}, {"url": "http://a"}])
def test_webhooks__need_an_address_and_a_secret(api, body):
    assert api.post("/_emulator/webhook", json=body).status_code == 400


def test_webhooks__are_for_whoever_has_the_key(http):
    assert http.post("/_emulator/webhook", json={}).status_code == 401
