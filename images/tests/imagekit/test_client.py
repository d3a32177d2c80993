import os
from io import BytesIO

import httpx
import pytest

from images.imagekit.client import ClientOptions, get_clients

OPTIONS = ClientOptions("private_x", api_url="http://127.0.0.1:9")


def test_clients__are_made_once_a_process():
    assert get_clients(OPTIONS) is get_clients(ClientOptions(**vars(OPTIONS)))
    assert get_clients(OPTIONS) is not get_clients(ClientOptions("private_y"))


def test_clients__do_not_cross_a_fork(monkeypatch):
    """Parent and child would read each other's answers from one connection."""
    parent = get_clients(OPTIONS)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert get_clients(OPTIONS) is not parent


def test_clients__have_timeouts_that_end_before_gunicorn_s():
    import runpy

    gunicorn = runpy.run_path("gunicorn.conf.py")
    client = get_clients(OPTIONS).imagekit
    tries = client.max_retries + 1
    longest = max(client.timeout.read, client.timeout.write) + client.timeout.connect
    assert tries * longest < gunicorn["timeout"] / 2


def test_clients__send_the_documented_empty_password():
    assert get_clients(OPTIONS).imagekit.password == ""


class PieceCounter(httpx.BaseTransport):
    """Counts the pieces in which the body of each request is sent."""

    counts: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.counts.append(len(list(request.stream)))
        return httpx.Response(204)


@pytest.mark.parametrize(("size", "most"), [(5_000, 1), (1_000_000, 30)])
def test_clients__send_short_forms_in_one_piece_and_stream_long_ones(size, most):
    """Each piece costs three system calls and a packet."""
    options = ClientOptions("private_x", transport=f"{__name__}.PieceCounter")
    form = {"files": {"file": ("a.jpg", BytesIO(bytes(size)))}, "data": {"a": "b"}}
    get_clients(options).http.post("http://127.0.0.1:9", **form)
    assert most / 2 < PieceCounter.counts[-1] <= most
