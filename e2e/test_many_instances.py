"""Two instances behind nginx go on while what they stand on is killed and restarted."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.api_client import Member
from e2e.cluster import Site, running_site
from e2e.ledger import IMAGES, Crowd, Visitor, crowd

pytestmark = pytest.mark.e2e

# How long errors may outlive what caused them.
AFTERMATH = 5.0


@pytest.fixture
def site(code: Path, tmp_path: Path) -> Iterator[Site]:
    with running_site(code, tmp_path) as site:
        yield site


def test_writes__survive_whatever_fails(site: Site, make_member: Callable[..., Member]):
    members = [make_member(site, name) for name in ("ann", "bob", "eve")]
    with crowd(members) as people:
        people.watch_rounds(2)
        assert people.failures() == []
        trouble(people, site.instances[0].kill, site.instances[0].start, {409, 502})
    check_ledgers(site, people.visitors)


def trouble(
    people: Crowd,
    break_it: Callable[[], None],
    mend_it: Callable[[], None],
    statuses: set[int],
) -> None:
    """Break a part under load, and mend it: errors end soon after."""
    before = len(people.failures())
    break_it()
    mend_it()
    mended = time.monotonic()
    people.watch_rounds(3)
    failures = people.failures()[before:]
    print(len(failures), *failures, sep="\n")
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
