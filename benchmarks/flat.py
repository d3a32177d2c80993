"""Measure whether requests cost the same however many images there are.

    python -m benchmarks.flat [--sizes 1000 100000 5000000] [--dry-run]

Each size has a database of its own, on one throwaway PostgreSQL server. A fifth of
the images, the oldest, is of one user; another, suspended, has the newest fiftieth.
The sizes take turns: all that disturbs falls upon each of them. Prints a table, and
writes it to docs/performance.md.
"""

import argparse
import json
import os
import secrets
import statistics
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from benchmarks import report
from benchmarks.servers import ROOT, create_database
from scripts.postgres import throwaway_postgres

SIZES = (1000, 100_000, 5_000_000)
ROUNDS = 40
LIMIT = 1.3
PAGE = 20
BLOCK = "flat"


@dataclass(frozen=True)
class Case:
    """A GET request; `headers` say who asks."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Seen:
    """What one case took at one size, each time: seconds; and what it read."""

    requests: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    pages: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flat")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--dry-run", action="store_true", help="write no files")
    options = parser.parse_args()
    with throwaway_postgres() as server:
        databases = {
            size: create_database(server, f"images_{size}") for size in options.sizes
        }
        _set_up(databases[options.sizes[0]])
        cases = {size: _prepare(size) for size in options.sizes}
        seen = _measure(cases)
    text = _table(options.sizes, seen)
    print(text)
    if not options.dry_run:
        report.put_into(ROOT / "docs" / "performance.md", text, BLOCK)
    return 0


def _set_up(database: str) -> None:
    """Configure Django as in production, for a database of this server."""
    os.environ |= {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "mediabackend.settings",
        "DEBUG": "true",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "IMAGEKIT_PRIVATE_KEY": "",
        "ALLOWED_HOSTS": "testserver",
        "THROTTLE_ANON": "",
    }
    import django
    from django.conf import settings

    django.setup()
    # Every query would be kept.
    settings.DEBUG = False


@contextmanager
def _database(size: int) -> Iterator[None]:
    """Use the database of this size."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = f"images_{size}"
    connection.ensure_connection()
    yield


def _prepare(size: int) -> dict[str, Case]:
    """Fill a database; returns the cases by their names."""
    from django.core.management import call_command

    with _database(size):
        started = time.perf_counter()
        call_command("migrate", verbosity=0)
        call_command(
            "seed_images",
            *("--yes", f"--images={size}", f"--users={max(10, size // 1000)}"),
            f"--largest={size // 5}",
        )
        _suspend_newest(size // 50)
        print(f"{size:,} in {time.perf_counter() - started:.0f} s", flush=True)
        return _cases()


def _suspend_newest(number: int) -> None:
    """Give the newest images to a suspended user, all of them public."""
    from django.db import connection

    from accounts.models import User
    from images.listing import relist
    from images.models import Image
    from images.seeding import address

    spammer = User.objects.get(email=address(1))
    newest = Image.objects.order_by("-pk").values("pk")[:number]
    Image.objects.filter(pk__in=newest).update(owner=spammer, visibility="public")
    User.objects.filter(pk=spammer.pk).update(is_active=False)
    # As the sweep does.
    relist()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _cases() -> dict[str, Case]:
    from accounts.models import User
    from images.models import Image
    from images.seeding import address
    from mediabackend.admin_paginator import BoundedPaginator

    largest = User.objects.get(email=address(0))
    other = User.objects.get(email=address(2))
    own = {"Authorization": f"Bearer {_token(largest)}"}
    images = Image.objects.order_by("-pk")
    mine, public = images.filter(owner=largest), images.filter(visibility="public")
    feed, theirs = "/api/v1/feed/", f"/api/v1/users/{largest.pk}/images/"
    admin, staff = "/admin/images/image/", _staff()
    last_page = min(images.count(), BoundedPaginator.DEPTH) // 50
    return {
        "own list, first page": Case("/api/v1/images/", own),
        "own list, last page": Case(f"/api/v1/images/{_end_of(mine)}", own),
        "own list, filtered, which counts": Case(
            "/api/v1/images/?visibility=public", own
        ),
        "feed, first page": Case(feed),
        "feed, last page": Case(f"{feed}{_end_of(public)}"),
        "largest user's images, first page": Case(theirs),
        "largest user's images, last page": Case(
            f"{theirs}{_end_of(public.filter(owner=largest))}"
        ),
        "another user's images": Case(f"/api/v1/users/{other.pk}/images/"),
        "profile": Case("/api/v1/users/me/", own),
        "admin, first page": Case(admin, staff),
        "admin, last page": Case(f"{admin}?p={last_page}", staff),
        "admin, hidden images": Case(f"{admin}?state__exact=hidden", staff),
        "admin, past 365 days": Case(f"{admin}?created=365", staff),
    }


def _token(user: Any) -> str:
    from rest_framework.request import Request
    from rest_framework.test import APIRequestFactory

    from accounts.sessions import start_session

    return start_session(user, Request(APIRequestFactory().post("/")))["access"]


def _staff() -> dict[str, str]:
    """Return the cookie of a superuser who has signed in."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User

    root = User.objects.create_superuser("root@example.com", "correct horse 9")
    client = Client()
    client.force_login(root)
    name = settings.SESSION_COOKIE_NAME
    return {"Cookie": f"{name}={client.cookies[name].value}"}


def _end_of(images: Any) -> str:
    """Return the query string of the last page of these, newest first."""
    first = images.reverse()[PAGE]
    return "?" + urlencode({"cursor": b64encode(f"p={first.pk}".encode()).decode()})


def _measure(cases: Mapping[int, Mapping[str, Case]]) -> dict[int, dict[str, Seen]]:
    seen: dict[int, dict[str, Seen]] = {
        size: {name: Seen() for name in found} for size, found in cases.items()
    }
    for _ in range(ROUNDS):
        for size, found in cases.items():
            with _database(size):
                for name, case in found.items():
                    _request(case, seen[size][name])
    return seen


def _request(case: Case, seen: Seen) -> None:
    """Ask once for its time, and look at what its statements cost the database."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers=dict(case.headers))
    # Warm.
    with CaptureQueriesContext(connection) as captured:
        response = client.get(case.url)
        statements = [query["sql"] for query in captured]
    if response.status_code != 200:
        raise RuntimeError(f"{case.url}: {response.status_code}")
    started = time.perf_counter()
    client.get(case.url)
    seen.requests.append(time.perf_counter() - started)
    plans = [_explain(statement) for statement in statements]
    seen.database.append(sum(plan["Execution Time"] for plan in plans) / 1000)
    seen.pages = sum(
        plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        for plan in plans
    )


def _explain(statement: str) -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]
    return plan


def _table(sizes: Sequence[int], seen: Mapping[int, Mapping[str, Seen]]) -> str:
    names = ["", *(f"{size:,}" for size in sizes), "ratio"]
    names += [*(f"database, {size:,}" for size in sizes), "pages read"]
    rows = []
    for name in seen[sizes[0]]:
        line = [seen[size][name] for size in sizes]
        requests = [statistics.median(one.requests) for one in line]
        ratio = max(requests[1:]) / requests[0]
        rows.append(
            [
                name,
                *(f"{seconds * 1000:.1f}" for seconds in requests),
                f"{ratio:.2f}" if ratio <= LIMIT else f"**{ratio:.2f}**",
                *(f"{statistics.median(one.database) * 1000:.2f}" for one in line),
                ", ".join(str(one.pages) for one in line),
            ]
        )
    return report.table(names, rows)


if __name__ == "__main__":
    sys.exit(main())
