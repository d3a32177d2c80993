"""Time of the public lists, first page and deep page, by the number of images.

    python -m images.tests.measure_feed [1000 1000000]

On a throwaway PostgreSQL server. A quarter of the images is public. The last two
lines are what the indexes help least with. PostgreSQL takes the images of a user
to be spread over all times: for one who owns a tenth of everything, all of it old,
it walks along the feed. And the feed is walked, too, to get past the images of a
suspended user that are newer than all others.
"""

import os
import statistics
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from scripts.postgres import throwaway_postgres

OLD = 0
SUSPENDED = 1_000_000
HIDDEN = 100_000
ROUNDS = 30
FEED = "/api/v1/feed/"


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]] or [1000, 1_000_000]
    with throwaway_environment():
        set_up()
        for count in counts:
            fill(count)
            measure_lists()
        measure("user, all of it old", images_of(OLD))
        hide_newest(counts[-1])
        measure(f"{HIDDEN:,} suspended", FEED)


@contextmanager
def throwaway_environment() -> Iterator[None]:
    """Let the settings be those of a laptop, on a throwaway PostgreSQL server."""
    with throwaway_postgres() as url:
        os.environ |= {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "mediabackend.settings",
            "DEBUG": "true",
            "SECRET_KEY": "measure",
            "IMAGEKIT_PRIVATE_KEY": "",
            "ALLOWED_HOSTS": "testserver",
            "THROTTLE_ANON": "",
        }
        yield


def set_up() -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    # Every query would be kept.
    settings.DEBUG = False
    call_command("migrate", verbosity=0)


def fill(count: int) -> None:
    from django.db import connection

    from images.tests import many_rows

    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_user CASCADE")
        # Foreign keys are right by construction; checking a million takes longer.
        cursor.execute("SET session_replication_role = replica")
    users = max(11, count // 1000)
    many_rows.add_users(users)
    owner = f"CASE WHEN n < {count // 10} THEN {OLD} ELSE 1 + n % {users - 1} END"
    many_rows.add_images(count, owner_id=many_rows.user_key(owner))
    many_rows.analyze()
    print(f"{count:,} rows in {time.perf_counter() - started:.0f} s")  # noqa: T201


def hide_newest(count: int) -> None:
    """Put the images of a suspended user in front of all others."""
    from images.tests import many_rows

    many_rows.add_users(1, first=SUSPENDED, is_active="false")
    owner = many_rows.user_key(str(SUSPENDED))
    many_rows.add_images(HIDDEN, first=count, owner_id=owner, visibility="'public'")
    many_rows.analyze()


def images_of(number: int) -> str:
    from accounts.models import User

    user = User.objects.get(email=f"user{number}@example.com")
    return f"/api/v1/users/{user.pk}/images/"


def measure_lists() -> None:
    from images.models import Image

    shown = Image.objects.public().order_by("pk")
    for name, url, rows in (
        ("feed", FEED, shown),
        ("user", images_of(1), shown.filter(owner__email="user1@example.com")),
    ):
        measure(f"{name}, first page", url)
        position = min(40, rows.count() // 2)
        near_the_end = b64encode(f"p={rows[position].pk}".encode())
        measure(f"{name}, deep page", f"{url}?cursor={quote(near_the_end)}")


def measure(name: str, url: str) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    with CaptureQueriesContext(connection) as captured:
        found = len(client.get(url).json()["results"])
        queries = [query["sql"] for query in captured]
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        client.get(url)
        times.append(time.perf_counter() - started)
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN ANALYZE " + queries[-1])
        in_database = cursor.fetchall()[-1][0].rpartition(": ")[2]
    print(  # noqa: T201
        f"  {name:20} {found} images, {len(queries)} query, "
        f"{in_database} of it in the database, "
        f"{statistics.median(times) * 1000:.0f} ms the request"
    )


if __name__ == "__main__":
    main()
