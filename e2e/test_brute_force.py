"""Many attempts to sign in or up at the same time, over two worker processes."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import httpx
import pytest

from e2e.api_client import PASSWORD, Member, open_client
from e2e.servers import Server, gunicorn_server

pytestmark = [pytest.mark.e2e, pytest.mark.deep]

ATTEMPTS = 200
FAILURES = 7
SIGNUPS = 11
# Python runs the module `sitecustomize` in PYTHONPATH at its start. This one writes a
# byte for each password that any process hashes, so for each one that it checks.
NOTE_HASHES = """
import os
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher as Hasher

encode = Hasher.encode

def noting(*args, **kwargs):
    with open(os.environ["HASHES"], "ab") as file:
        file.write(b".")
    return encode(*args, **kwargs)

Hasher.encode = noting
"""


@pytest.fixture(scope="module")
def guarded(
    code: Path,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    database_url: str,
) -> Iterator[Server]:
    """Serve with limits, and a cache that the processes share."""
    variables = {
        "LOCKOUT_FAILURES": str(FAILURES),
        "THROTTLE_SIGNUP": f"{SIGNUPS}/hour",
        "CACHE_URL": redis_url,
    }
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "sitecustomize.py").write_text(NOTE_HASHES)
    variables |= {"PYTHONPATH": str(folder), "HASHES": str(folder / "hashes")}
    with gunicorn_server(code, folder, database_url, **variables) as server:
        yield server


def all_at_once(
    server: Server, send: Callable[[httpx.Client], httpx.Response]
) -> list[httpx.Response]:
    """Send the same request over many connections at the same time."""
    barrier = Barrier(ATTEMPTS)

    def work(_: int) -> httpx.Response:
        barrier.wait()
        return send(http)

    with (
        httpx.Client(
            base_url=server.url,
            limits=httpx.Limits(max_connections=ATTEMPTS),
            timeout=60,
            trust_env=False,
        ) as http,
        ThreadPoolExecutor(ATTEMPTS) as pool,
    ):
        return list(pool.map(work, range(ATTEMPTS)))


def statuses(answers: list[httpx.Response]) -> dict[int, int]:
    for answer in answers:
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1
            assert answer.json()["type"] == "client_error"
    return Counter(answer.status_code for answer in answers)


def hashes(server: Server) -> int:
    return (server.folder / "hashes").stat().st_size


@pytest.mark.parametrize("name", ["known", "unknown"])
def test_lock__lets_no_more_than_the_limit_reach_the_password(guarded, name):
    with open_client(guarded.url) as http:
        email = f"{name}@example.com"
        if name == "known":
            Member.sign_up(guarded.url, email=email).http.close()
        body = {"email": email, "password": "wrong"}
        url = "/api/v1/auth/token/"
        before = hashes(guarded)
        answers = all_at_once(guarded, lambda http: http.post(url, json=body))
        assert statuses(answers) == {401: FAILURES, 429: ATTEMPTS - FAILURES}
        right = http.post(url, json=body | {"password": PASSWORD})
        assert right.status_code == 429
        assert hashes(guarded) - before == FAILURES


def test_throttle__lets_no_more_than_the_limit_through(guarded):
    answers = all_at_once(
        guarded,
        # An ip of its own: 127.0.0.1 is a trusted proxy.
        lambda http: http.post(
            "/api/v1/auth/signup/", headers={"X-Forwarded-For": "203.0.113.9"}, json={}
        ),
    )
    assert statuses(answers) == {400: SIGNUPS, 429: ATTEMPTS - SIGNUPS}
