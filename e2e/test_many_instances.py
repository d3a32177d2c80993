"""Two instances behind nginx go on while what they stand on is killed and restarted."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from e2e.api_client import Member, open_client
from e2e.cluster import Site, running_site
from e2e.ledger import IMAGES, Crowd, Visitor, crowd
from e2e.parts import Part
from e2e.pictures import quarters
from e2e.servers import answers
from e2e.waiting import wait_for

pytestmark = pytest.mark.e2e

# How many seconds errors may outlive what caused them.
AFTERMATH = 5.0


@pytest.fixture
def site(code: Path, tmp_path: Path) -> Iterator[Site]:
    with running_site(code, tmp_path) as site:
        yield site


def test_writes__survive_whatever_fails(site: Site, make_member: Callable[..., Member]):
    """One test, as it needs much that takes seconds to start."""
    members = [make_member(site, name) for name in ("ann", "bob", "eve")]
    dan = make_member(site, "dan")
    with crowd(members) as people:
        people.watch_rounds(1)
        kill_an_instance(site, people, dan)
        restart_postgres(site, people)
        restart_redis(site, people)
        restart_imagekit(site, people)
        replace_the_workers(site, people)
    check_ledgers(site, people.visitors)
    assert (dan.count(), len(site.files_of(dan))) == (1, 1)


def kill_an_instance(site: Site, people: Crowd, member: Member) -> None:
    """ImageKit has the file of an upload, but the instance that sent it is dead."""
    first = site.instances[0]
    upload = {
        "headers": {"Idempotency-Key": "once"},
        "files": {"file": ("picture.jpg", quarters(size=(64, 48)), "image/jpeg")},
    }
    # A request that cannot be repeated may be lost with its answer: 502.
    with trouble(people, {409, 502}):
        with (
            site.slow_uploads(2),
            open_client(first.url, **member.http.headers) as direct,
            ThreadPoolExecutor(1) as pool,
        ):
            lost = pool.submit(direct.post, IMAGES, **upload)
            wait_for(lambda: site.files_of(member))
            first.kill()
            assert isinstance(lost.exception(), httpx.TransportError)
        killed = time.monotonic()
        wait_for(lambda: member.http.post(IMAGES, **upload).status_code == 201)
        assert time.monotonic() - killed < AFTERMATH
        first.start()


def restart_postgres(site: Site, people: Crowd) -> None:
    with trouble(people, {503}):
        site.postgres.stop()
        people.watch_failure()
        site.postgres.start()
    # What keeps services running does it: see docs/operations.md.
    if site.worker.process.poll() is not None:
        site.worker.stop()
        site.worker.start()


def restart_redis(site: Site, people: Crowd) -> None:
    with trouble(people, set()):
        site.redis.kill()
        people.watch_rounds(1)
        site.redis.start()


def restart_imagekit(site: Site, people: Crowd) -> None:
    with trouble(people, {503}):
        site.imagekit.kill()
        people.watch_failure()
        site.imagekit.start()


def replace_the_workers(site: Site, people: Crowd) -> None:
    """Restart gracefully, as after an update: nobody notices."""
    with trouble(people, set()):
        for instance in site.instances:
            old = instance.children()
            instance.process.send_signal(signal.SIGHUP)
            wait_for(lambda i=instance, old=old: has_new_workers(i, old))
            people.watch_rounds(1)


def has_new_workers(instance: Part, old: set) -> bool:
    now = instance.children()
    return bool(now) and not now & old and answers(instance.url)


@contextmanager
def trouble(people: Crowd, statuses: set[int]) -> Iterator[None]:
    """Break a part inside, and mend it; errors have these statuses and end soon."""
    before = len(people.failures())
    yield
    mended = time.monotonic()
    people.watch_rounds(2)
    failures = people.failures()[before:]
    assert [one for one in failures if one.at > mended + AFTERMATH] == []
    assert [one for one in failures if one.status not in statuses] == []


def check_ledgers(site: Site, visitors: list[Visitor]) -> None:
    """Everything acknowledged is there, nothing else, and ImageKit has the same."""
    site.manage("sweep_files", "--grace", "0")
    for visitor in visitors:
        http = visitor.member.http
        answer = http.get(IMAGES, params={"page_size": 100}).json()
        assert answer["next"] is None
        there = {image["id"]: image["caption"] for image in answer["results"]}
        assert there == visitor.captions
        assert answer["count"] == len(there)
        assert len(site.files_of(visitor.member)) == len(there)
        for image in visitor.deleted:
            assert http.get(f"{IMAGES}{image}/").status_code == 404
