"""Clients that read or send too slowly, and those that only pause."""

from collections import deque

import pytest

from mediabackend.http import minimum_rate
from mediabackend.server import client_socket
from mediabackend.server.client_socket import ClientSocket

RATE, WINDOW = minimum_rate.MINIMUM_RATE, minimum_rate.WINDOW_SECONDS


class Clock:
    """A clock that moves when it is told to."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(minimum_rate, "time", clock)
    monkeypatch.setattr(client_socket, "time", clock)
    return clock


def read(chunks: list[bytes], clock: Clock, bytes_a_second: float) -> bytes:
    """Take the answer at this rate."""
    taken = b""
    for piece in minimum_rate.guarded_chunks(chunks):
        clock.now += len(piece) / bytes_a_second
        taken += piece
    return taken


def slowly(pieces, clock: Clock):
    for piece in pieces:
        clock.now += len(piece) / 500
        yield piece


def test_reader__that_is_fast_enough_gets_all(clock):
    chunks = [b"a" * 5_000_000, b"", b"b"]
    assert read(chunks, clock, RATE * 1.1) == b"".join(chunks)


def test_reader__that_is_too_slow_is_hung_up_on(clock):
    with pytest.raises(ConnectionResetError):
        read([b"a" * 5_000_000], clock, 500)
    # After one window, and the piece in which it ended.
    assert clock.now < WINDOW + 16 * 1024 / 500


def test_reader__that_was_quick_at_first_is_hung_up_on_too(clock):
    quick = b"a" * 16_000_000
    pieces = minimum_rate.guarded_chunks([quick, b"a" * 5_000_000])
    for piece in pieces:
        clock.now += len(piece) / 10**9
        if clock.now >= len(quick) / 10**9:
            break
    with pytest.raises(ConnectionResetError):
        deque(slowly(pieces, clock))


def test_time_to_make_the_answer__is_not_the_reader_s(clock):
    def slowly_made():
        for _ in range(10):
            clock.now += 60
            yield b"a" * 100

    assert len(read(list(slowly_made()), clock, 10**6)) == 1000
    assert sum(map(len, minimum_rate.guarded_chunks(slowly_made()))) == 1000


class Drip:
    """A socket that gives a byte each second."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def recv(self, size: int) -> bytes:
        self.clock.now += 1
        return b"x"


def test_sender__that_is_too_slow_is_hung_up_on(clock):
    client = ClientSocket(Drip(clock))
    with pytest.raises(ConnectionResetError):
        deque(client.recv(100) for _ in range(1000))
    assert clock.now == WINDOW


def test_sender__is_measured_anew_with_each_request(clock):
    client = ClientSocket(Drip(clock))
    for _ in range(10):
        client.begin_request()
        deque(client.recv(100) for _ in range(int(WINDOW) - 1))
