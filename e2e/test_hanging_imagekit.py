"""An ImageKit that never answers. All other requests must go on."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from e2e.api_client import Member, open_client
from e2e.pictures import quarters
from e2e.servers import Server, gunicorn_server

pytestmark = [pytest.mark.e2e, pytest.mark.deep]

# Far more than the threads of both workers.
UPLOADS = 48
LONGEST_ANSWER = 20.0


@pytest.fixture
def hanging(code: Path, tmp_path: Path, database_url: str) -> Iterator[Server]:
    """Serve with an ImageKit of its own, whose uploads hang for a minute."""
    with gunicorn_server(code, tmp_path, database_url) as server:
        httpx.post(
            f"{server.imagekit['IMAGEKIT_API_URL']}/_emulator/faults",
            auth=(server.imagekit["IMAGEKIT_PRIVATE_KEY"], ""),
            json={"operation": "upload", "kind": "latency", "seconds": 60, "every": 1},
        ).raise_for_status()
        yield server


def upload(member: Member) -> tuple[int, float]:
    """Upload over a new connection; return the status and the seconds it took."""
    start = time.monotonic()
    token = member.http.headers["Authorization"]
    with open_client(str(member.http.base_url), Authorization=token) as http:
        http.timeout = 60
        response = Member(member.email, http).post(quarters(size=(64, 48)))
    if response.status_code == 503:
        assert int(response.headers["Retry-After"]) >= 1
    return response.status_code, time.monotonic() - start


def test_reads__are_answered_while_uploads_hang(
    hanging: Server,
    make_member: Callable[..., Member],
    record_testsuite_property: Callable[..., None],
):
    member = make_member(hanging)
    done = threading.Event()
    reads: list[float] = []

    def read_on() -> None:
        while not done.is_set():
            start = time.monotonic()
            assert member.http.get("/api/v1/images/").status_code == 200
            reads.append(time.monotonic() - start)

    with ThreadPoolExecutor(UPLOADS + 1) as pool:
        reader = pool.submit(read_on)
        uploads = [pool.submit(upload, member) for _ in range(UPLOADS)]
        answers = [one.result() for one in uploads]
        done.set()
        reader.result()
    record_testsuite_property("slowest_read_s", round(max(reads), 2))
    slowest = max(seconds for _, seconds in answers)
    record_testsuite_property("slowest_upload_s", round(slowest, 1))
    assert {status for status, _ in answers} == {503}
    assert slowest < LONGEST_ANSWER
    # A third of the time of a call that hangs: no read waited for one.
    assert max(reads) < 3
    assert len(reads) > 20
