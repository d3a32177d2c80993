"""Two instances behind nginx, while each of their parts is killed and restarted."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e.api_client import Member
from e2e.cluster import Site, running_site
from e2e.ledger import IMAGES, Crowd, Visitor, crowd
from e2e.parts import Part
from e2e.servers import answers
from scripts.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.deep]

# For how many seconds errors may go on after their cause has ended.
AFTERMATH = 5.0
# For how many seconds the Idempotency-Key of a request that broke off stays in use.
LEASE = 90.0


@pytest.fixture
def site(code: Path, tmp_path: Path) -> Iterator[Site]:
    # The limit is out of reach, but makes the site count each upload in Redis.
    with running_site(code, tmp_path, THROTTLE_UPLOAD="100000/hour") as site:
        yield site


def test_writes__survive_whatever_fails(site: Site, make_member: Callable[..., Member]):
    """All in one test, as the parts take seconds to start."""
    members = [make_member(site, name) for name in ("ann", "bob", "eve")]
    dan = make_member(site, "dan")
    with crowd(members) as people:
        people.watch_rounds(1)
        rescued = kill_an_instance(site, people, dan)
        restart_postgres(site, people)
        restart_redis(site, people)
        restart_imagekit(site, people)
        replace_the_workers(site, people)
    restart_unused_postgres(site, dan)
    check_ledgers(site, [*people.visitors, rescued])


def kill_an_instance(site: Site, people: Crowd, member: Member) -> Visitor:
    """Kill an instance when ImageKit has stored files, but the site has no images.

    Returns the visitor with all these uploads.
    """
    first = site.instances[0]
    # Their requests go to both instances in turn.
    visitors = [Visitor(member, people.leaving) for _ in range(4)]
    # A request without a key cannot be repeated by nginx, so its answer may be lost.
    with trouble(people, {409, 502}, lasting=LEASE):
        with site.slow_uploads(2), ThreadPoolExecutor(len(visitors)) as pool:
            uploads = [pool.submit(one.upload, "x") for one in visitors]
            wait_for(lambda: len(site.files_of(member)) == len(visitors))
            first.kill()
            killed = time.monotonic()
        for upload in uploads:
            upload.result()
        first.start()
    failures = [failure for one in visitors for failure in one.failures]
    assert {failure.status for failure in failures} <= {409}
    assert all(failure.at < killed + LEASE + AFTERMATH for failure in failures)
    captions = {image: "x" for one in visitors for image in one.captions}
    return Visitor(member, people.leaving, captions)


def restart_postgres(site: Site, people: Crowd) -> None:
    # Requests that run meanwhile cannot give their Idempotency-Key up.
    with trouble(people, {409, 503}, lasting=LEASE):
        site.postgres.stop()
        people.watch_failure()
        site.postgres.start()
    # The worker waits for PostgreSQL, and goes on.
    assert site.worker.process.poll() is None


def restart_redis(site: Site, people: Crowd) -> None:
    with trouble(people, set()):
        site.redis.kill()
        people.watch_rounds(1)
        site.redis.start()
        # Uploads are counted again.
        wait_for(site.counters)


def restart_imagekit(site: Site, people: Crowd) -> None:
    with trouble(people, {503}):
        site.imagekit.kill()
        people.watch_failure()
        site.imagekit.start()


def replace_the_workers(site: Site, people: Crowd) -> None:
    """Restart gracefully, as after an update, without any errors."""
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
def trouble(people: Crowd, statuses: set[int], lasting: float = 0.0) -> Iterator[None]:
    """Let the caller break a part and mend it, then check the errors of visitors.

    They must have these statuses, and end `lasting` seconds after the part is mended.
    """
    before = len(people.failures())
    yield
    mended = time.monotonic()
    people.watch_rounds(2)
    failures = people.failures()[before:]
    assert [one for one in failures if one.at > mended + lasting + AFTERMATH] == []
    assert [one for one in failures if one.status not in statuses] == []


def restart_unused_postgres(site: Site, member: Member) -> None:
    """Break connections while nobody uses them; no request must fail."""

    def read(_: int) -> int:
        return member.http.get(IMAGES).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(read, range(64))) == {200}
        site.postgres.stop()
        site.postgres.start()
        assert set(pool.map(read, range(64))) == {200}


def check_ledgers(site: Site, visitors: list[Visitor]) -> None:
    """Check that the site and ImageKit have all acknowledged writes, and no others."""
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
