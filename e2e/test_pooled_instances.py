"""Two instances that share all state, with PostgreSQL behind PgBouncer.

PgBouncer has two connections for 32 threads, so that code which needs a session of its
own fails here.
"""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from e2e.api_client import PASSWORD, Member, open_client
from e2e.cluster import Site, running_site
from e2e.ledger import IMAGES
from e2e.pgbouncer import POOL_SIZE
from e2e.pictures import COLD, quarters
from scripts.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.deep]

PICTURE = {"file": ("picture.jpg", quarters(size=(64, 48)), "image/jpeg")}
ME = "/api/v1/users/me/"


@pytest.fixture
def site(code: Path, tmp_path: Path) -> Iterator[Site]:
    limits = {"THROTTLE_EXPORT": "2/hour"}
    with running_site(code, tmp_path, pooled=True, **limits) as site:
        yield site


@dataclass(frozen=True)
class Pair:
    """One member with a client for each instance."""

    member: Member
    a: httpx.Client
    b: httpx.Client


@pytest.fixture
def ann(site: Site) -> Iterator[Pair]:
    member = Member.sign_up(site.url)
    # The host of nginx, as ETags depend on the host.
    headers = {
        "Authorization": member.http.headers["Authorization"],
        "Host": urlsplit(site.url).netloc,
    }
    a, b = (open_client(instance.url, **headers) for instance in site.instances)
    with member.http, a, b:
        yield Pair(member, a, b)


def test_what_one_instance_knows__the_other_knows(site: Site, ann: Pair):
    """All in one test, as the parts take seconds to start."""
    uploads_are_done_once(ann)
    tickets_are_completed_elsewhere(ann)
    writes_are_read_elsewhere(site, ann)
    limits_are_counted_together(ann)
    many_at_once_share_the_pool(site, ann)
    commands_run(site)
    sessions_end_everywhere(site, ann)
    tokens_end_everywhere(ann)


def uploads_are_done_once(ann: Pair) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    first = ann.a.post(IMAGES, files=PICTURE, headers=key)
    again = ann.b.post(IMAGES, files=PICTURE, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert ann.b.get(ME).json()["image_count"] == 1


def tickets_are_completed_elsewhere(ann: Pair) -> None:
    content = PICTURE["file"][1]
    body = {"filename": "a.jpg", "size": len(content), "content_type": "image/jpeg"}
    ticket = ann.a.post("/api/v1/uploads/", json=body).json()
    sent = httpx.post(
        ticket["upload_url"], data=ticket["fields"], files=PICTURE, trust_env=False
    )
    file = {"file_id": sent.json()["fileId"]}
    complete = f"/api/v1/uploads/{ticket['id']}/complete/"
    assert ann.b.post(complete, json=file).status_code == 201
    assert ann.a.post(complete, json=file).status_code == 200
    assert ann.a.get(ME).json()["image_count"] == 2


def writes_are_read_elsewhere(site: Site, ann: Pair) -> None:
    image = ann.a.post(IMAGES, files=PICTURE, data={"visibility": "public"}).json()
    url = f"{IMAGES}{image['id']}/"
    etag = ann.b.get(url).headers["ETag"]
    assert ann.a.get(url, headers={"If-None-Match": etag}).status_code == 304
    assert ann.b.patch(url, json={"caption": "Dusk"}).status_code == 200
    stale = {"If-Match": etag}
    assert ann.a.patch(url, json={"caption": "x"}, headers=stale).status_code == 412
    cold = {"file": ("cold.jpg", quarters(COLD, size=(64, 48)), "image/jpeg")}
    assert ann.a.put(url, files=cold, data={"caption": "Cold"}).status_code == 200
    owner = image["owner"]["id"]
    # These two come from the replica, which is empty; nothing else does.
    assert ann.b.get("/api/v1/feed/").json()["results"] == []
    assert ann.b.get(f"/api/v1/users/{owner}/images/").status_code == 404
    found = ann.b.get(IMAGES, params={"search": "cold"}).json()
    assert found["count"] == 1
    others = [one["id"] for one in ann.b.get(IMAGES).json()["results"]]
    others.remove(image["id"])
    assert ann.a.delete(url).status_code == 204
    assert ann.b.get(url).status_code == 404
    gone = ann.b.post(f"{IMAGES}bulk-delete/", json={"ids": others}).json()
    assert sorted(gone["deleted"]) == sorted(others)
    # The worker deletes the files: no sweep runs.
    wait_for(lambda: not site.files_of(ann.member))


def limits_are_counted_together(ann: Pair) -> None:
    export = f"{ME}export/"
    answers = [http.get(export).status_code for http in (ann.a, ann.b, ann.a, ann.b)]
    assert answers == [200, 200, 429, 429]


def many_at_once_share_the_pool(site: Site, ann: Pair) -> None:
    image = ann.a.post(IMAGES, files=PICTURE).json()["id"]

    def use(number: int) -> list[int]:
        http = (ann.a, ann.b)[number % 2]
        changed = http.patch(f"{IMAGES}{image}/", json={"caption": str(number)})
        return [changed.status_code, http.get(IMAGES).status_code]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(16))) == [[200, 200]] * 16
    with psycopg.connect(site.postgres.url) as connection:
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        (number,) = connection.execute(query).fetchone()
    assert 0 < number <= POOL_SIZE


def commands_run(site: Site) -> None:
    """Run commands, each of which must exit with 0."""
    site.manage("sweep_files", "--grace", "0")
    site.manage("reconcile_files", "--older-than", "0s")
    site.manage("cleanup_accounts")
    site.manage("migrate", "--check")


def sessions_end_everywhere(site: Site, ann: Pair) -> None:
    with (
        open_client(site.instances[0].url) as a,
        open_client(site.instances[1].url) as b,
    ):
        page = "/api-auth/login/"
        a.get(page)
        form = {"username": ann.member.email, "password": PASSWORD}
        form["csrfmiddlewaretoken"] = a.cookies["csrftoken"]
        assert a.post(page, data=form).status_code == 302
        b.cookies = a.cookies
        assert b.get(ME).json()["email"] == ann.member.email
        token = {"csrfmiddlewaretoken": b.cookies["csrftoken"]}
        assert b.post("/api-auth/logout/", data=token).status_code == 200
        assert a.get(ME).status_code == 401


def tokens_end_everywhere(ann: Pair) -> None:
    credentials = {"email": ann.member.email, "password": PASSWORD}
    first = ann.a.post("/api/v1/auth/token/", json=credentials).json()
    refresh = "/api/v1/auth/token/refresh/"
    second = ann.b.post(refresh, json={"refresh": first["refresh"]})
    assert second.status_code == 200
    newest = ann.a.post(refresh, json={"refresh": second.json()["refresh"]})
    assert newest.status_code == 200
    used = ann.a.post(refresh, json={"refresh": first["refresh"]})
    assert used.status_code == 401
    # An old token that comes back ends the session for both of its owners.
    ended = ann.b.post(refresh, json={"refresh": newest.json()["refresh"]})
    assert ended.status_code == 401
    third = ann.a.post("/api/v1/auth/token/", json=credentials).json()["refresh"]
    assert ann.a.post("/api/v1/auth/logout/", json={"refresh": third}).is_success
    assert ann.b.post(refresh, json={"refresh": third}).status_code == 401
    assert ann.b.get(ME).status_code == 200
    assert ann.a.post("/api/v1/auth/logout/all/").status_code == 204
    assert ann.b.get(ME).status_code == 401
