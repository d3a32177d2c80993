"""gunicorn.conf.py, as far as no running server shows it."""

import gc
import runpy
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest


def test_worker__does_not_search_what_was_imported_for_garbage():
    configuration = runpy.run_path("gunicorn.conf.py")
    try:
        configuration["post_worker_init"](None)
        assert gc.get_freeze_count() > 100_000
        assert len(gc.get_objects()) < 1_000
    finally:
        gc.unfreeze()


@contextmanager
def hung_up_after(seconds: float, client: socket.socket) -> Iterator[None]:
    """So that the other side does not wait for ever."""
    timer = threading.Timer(seconds, client.shutdown, [socket.SHUT_RDWR])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def test_client__that_stalls_is_given_up_in_both_directions():
    pre_request = runpy.run_path("gunicorn.conf.py")["pre_request"]
    pre_request.__globals__["_STALLED"] = struct.pack("ll", 0, 20_000)
    server, client = socket.socketpair()
    with server, client, hung_up_after(5, client):
        unreader = SimpleNamespace(sock=server)
        pre_request(None, SimpleNamespace(unreader=unreader, headers=[]))
        with pytest.raises(BlockingIOError):
            server.recv(1)
        with pytest.raises(BlockingIOError):
            server.sendall(bytes(10_000_000))
