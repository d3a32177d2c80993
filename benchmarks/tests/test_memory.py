"""The start and the memory of the worker processes under gunicorn."""

import random
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from io import BytesIO

import httpx
import psutil
import pytest
from PIL import Image as Picture

from benchmarks.load import client_load, head
from benchmarks.pictures import UploadBody, photo
from benchmarks.servers import (
    Server,
    project_environ,
    running_project,
    running_standin,
)
from benchmarks.sites import PASSWORD, PROJECT
from scripts.postgres import throwaway_postgres

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux"),
]
MIB = 2**20
UPLOADS, CLIENTS = 3000, 8
PNG, WEBP, GIF = ("png", (1200, 900)), ("webp", (1600, 1200)), ("gif", (800, 600))


def test_worker__starts_small_and_stays_small(tmp_path):
    with throwaway_postgres() as database, running_standin(tmp_path) as standin:
        environ = project_environ(tmp_path, database, standin.url)
        with running_project(tmp_path, environ) as server:
            for worker in settled_workers(server):
                times = worker.cpu_times()
                assert times.user + times.system < 1.5
                assert resident(worker) < 80
            headers = [signed_in(server) for _ in range(CLIENTS)]
            bodies = bodies_of_all_kinds()
            makers = [requests_of(each, bodies) for each in headers]
            uploads = 0
            while uploads < UPLOADS:
                load = client_load(server.port, makers, 5)
                assert not load.errors
                uploads += load.requests
            found = [resident(worker) for worker in workers_of(server)]
    assert max(found) < 150, found


def workers_of(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.pid).children()


def settled_workers(server: Server) -> list[psutil.Process]:
    """Return the workers when they have imported everything and wait for requests."""
    deadline = time.monotonic() + 60
    before = -1.0
    while time.monotonic() < deadline:
        workers = workers_of(server)
        used = sum(sum(worker.cpu_times()[:2]) for worker in workers)
        if len(workers) == 2 and used == before:
            return workers
        before = used
        time.sleep(0.5)
    raise TimeoutError("The workers are still busy.")


def resident(process: psutil.Process) -> float:
    return process.memory_info().rss / MIB


def signed_in(server: Server) -> dict[str, str]:
    """Sign up and in; return the headers of uploads."""
    email = f"{secrets.token_hex(6)}@example.com"
    account = {"email": email, "password": PASSWORD}
    httpx.post(server.url + PROJECT.sign_up, json=account).raise_for_status()
    form = {"username": email, "password": PASSWORD}
    token = httpx.post(server.url + PROJECT.sign_in, data=form).json()["access_token"]
    return {
        "Content-Type": UploadBody.content_type,
        "Authorization": f"Bearer {token}",
    }


def bodies_of_all_kinds() -> list[bytes]:
    """Return forms with pictures of several formats and sizes; most are small."""
    small, large = photo(320, 240, 5_000), photo(2000, 1500, 1_000_000)
    huge = photo(4000, 3000, 4_000_000)
    others = [noise(*one) for one in (PNG, WEBP, GIF)]
    pictures = [small] * 8 + [large] * 4 + [huge, *others]
    pictures.append(noise("jpeg", (3000, 2000), progressive=True))
    start = (
        b"--benchmark\r\nContent-Disposition: form-data; "
        b'name="file"; filename="a"\r\n\r\n'
    )
    return [start + picture + b"\r\n--benchmark--\r\n" for picture in pictures]


def noise(kind: str, size: tuple[int, int], **options: bool) -> bytes:
    soft = Picture.effect_noise((size[0] // 4, size[1] // 4), 80).resize(size)
    out = BytesIO()
    soft.convert("RGB").save(out, kind, **options)
    return out.getvalue()


def requests_of(
    headers: dict[str, str], bodies: Sequence[bytes]
) -> Callable[[int], list[bytes]]:
    def request(number: int) -> list[bytes]:
        body = random.choice(bodies)  # noqa: S311  (no secret)
        return [head("POST", PROJECT.images, headers, len(body)), body]

    return request
