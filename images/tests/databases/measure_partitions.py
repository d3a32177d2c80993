"""Measure the size of an image's row, and the costs and gains of partitions.

    python -m images.tests.databases.measure_partitions [1000000]

On a throwaway PostgreSQL server. The rows are as long as those of uploads: paths,
hashes and placeholders of their real length, and captions of 60 characters. Times are
medians of planning and execution together, in milliseconds.
"""

import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.postgres import throwaway_postgres

SQL = Path(__file__).resolve().parents[3] / "docs/examples/partition_images.sql"
ROUNDS = 50
PER_OWNER = 100
# SQL over the number n of a row.
LONG = {
    "file": "gen_random_uuid() || '/' || gen_random_uuid() || '-0123456789abcdef~'"
    " || substr(md5(n::text), 1, 24) || '.jpg'",
    "caption": "rpad('picture ' || n, 60, '.')",
    "sha256": "md5(n::text) || md5((n + 1)::text)",
    "placeholder": "substr(md5(n::text), 1, 28)",
    "dominant_color": "'#7d8b94'",
}
QUERIES = {
    "one image by its id": "WHERE id = '{id}'",
    "one image by its id and owner": "WHERE id = '{id}' AND owner_id = '{owner}'",
    "20 of an owner": "WHERE owner_id = ANY(ARRAY['{owner}'::uuid])"
    " ORDER BY owner_id, id DESC LIMIT 21",
    "20 of the feed": "WHERE visibility = 'public' AND state = 'visible' AND listed"
    " ORDER BY id DESC LIMIT 21",
}


def main() -> None:
    count = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    with throwaway_environment():
        set_up()
        fill(count)
        measure_sizes(count)
        whole = measure_queries()
        started = time.perf_counter()
        execute(SQL.read_text())
        say(f"partitioned in {time.perf_counter() - started:.0f} s")
        for name, after in measure_queries().items():
            say(f"  {name}: {whole[name]:.2f} ms, {after:.2f} ms in partitions")


@contextmanager
def throwaway_environment() -> Iterator[None]:
    """Use the settings of a laptop, on a throwaway PostgreSQL server."""
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
    from images.tests import many_rows

    # Foreign keys are right by construction; checking a million takes longer.
    execute("SET session_replication_role = replica")
    owners = max(1, count // PER_OWNER)
    many_rows.add_users(owners)
    owner = many_rows.user_key(f"n % {owners}")
    many_rows.add_images(count, owner_id=owner, **LONG)
    execute("SET session_replication_role = origin")
    # Outside a transaction, so not in one string.
    execute("VACUUM ANALYZE")


def measure_sizes(count: int) -> None:
    ((table, indexes),) = execute(
        "SELECT pg_table_size('images_image'), pg_indexes_size('images_image')"
    )
    say(f"{count:,} images of {PER_OWNER} each, bytes an image:")
    say(f"  table {table / count:.0f}, indexes {indexes / count:.0f}")
    for name, size in execute(
        "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid)"
        " FROM pg_index WHERE indrelid = 'images_image'::regclass ORDER BY 2 DESC"
    ):
        say(f"    {name} {size / count:.0f}")


def measure_queries() -> dict[str, float]:
    """Return the median time of each query, in milliseconds."""
    rows = execute(f"SELECT id, owner_id FROM images_image LIMIT {ROUNDS}")  # noqa: S608
    return {
        name: statistics.median(
            explained(query.format(id=key, owner=owner)) for key, owner in rows
        )
        for name, query in QUERIES.items()
    }


def explained(query: str) -> float:
    plan = execute(f"EXPLAIN ANALYZE SELECT * FROM images_image {query}")  # noqa: S608
    lines = " ".join(line for (line,) in plan)
    return sum(
        float(ms) for ms in re.findall(r"(?:Planning|Execution) Time: ([\d.]+)", lines)
    )


def execute(sql: str) -> list[tuple]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
