"""A slow ImageKit. All uploads must succeed, in little memory."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from e2e.api_client import Member, open_client
from e2e.memory import watch_each
from e2e.pictures import MIB, WARM, noisy_jpeg, quarters
from e2e.servers import Server, gunicorn_server

pytestmark = pytest.mark.e2e

CLIENTS = 50
ANSWERS_AFTER = 0.5


@pytest.fixture
def slow(code: Path, tmp_path: Path, database_url: str) -> Iterator[Server]:
    """Serve with an ImageKit of its own, whose uploads take half a second."""
    with gunicorn_server(code, tmp_path, database_url) as server:
        httpx.post(
            f"{server.imagekit['IMAGEKIT_API_URL']}/_emulator/faults",
            auth=(server.imagekit["IMAGEKIT_PRIVATE_KEY"], ""),
            json={
                "operation": "upload",
                "kind": "latency",
                "seconds": ANSWERS_AFTER,
                "every": 1,
            },
        ).raise_for_status()
        yield server


@pytest.mark.deep
def test_fifty_uploads_at_once__are_all_taken_in_little_memory(
    slow: Server,
    make_member: Callable[..., Member],
    record_testsuite_property: Callable[..., None],
):
    member = make_member(slow)
    content = noisy_jpeg(4 * MIB)
    token = member.http.headers["Authorization"]
    done = threading.Event()
    reads: list[float] = []

    def upload(body: bytes) -> int:
        with open_client(slow.url, Authorization=token) as http:
            http.timeout = 60
            return Member(member.email, http).post(body).status_code

    def read_on() -> None:
        while not done.is_set():
            start = time.monotonic()
            with open_client(slow.url, Authorization=token) as http:
                assert http.get("/api/v1/images/?page_size=1").status_code == 200
            reads.append(time.monotonic() - start)

    with ThreadPoolExecutor(CLIENTS + 1) as pool:
        # First let every worker import the code of uploads.
        list(pool.map(upload, [quarters(WARM, (64, 64))] * 24))
        reader = pool.submit(read_on)
        start = time.monotonic()
        with watch_each(slow) as grown:
            answers = list(pool.map(upload, [content] * CLIENTS))
        took = time.monotonic() - start
        done.set()
        reader.result()
    worst = max(grown.values())
    record_testsuite_property("worker_growth_mib", round(worst / MIB, 1))
    record_testsuite_property("slowest_read_s", round(max(reads), 2))
    print(  # noqa: T201
        f"{CLIENTS} uploads of 4 MiB in {took:.1f} s, worker +{worst / MIB:.1f} MiB, "
        f"{len(reads)} reads, slowest {max(reads):.2f} s"
    )
    assert answers == [201] * CLIENTS
    assert worst < 60 * MIB
    # The longest time that an upload may wait in a worker.
    assert max(reads) < 10
