"""Measure whether the cost of requests depends on the number of images.

    python -m benchmarks.flat [--sizes 1000 100000 5000000] [--dry-run]

Each size has a database of its own, on one throwaway PostgreSQL server. One user has
the oldest fifth of the images; another, who is suspended, has the newest fiftieth. The
sizes take turns, so that other load on the machine affects all of them. Prints a table,
and writes it into docs/performance.md.
"""

import argparse
import json
import os
import secrets
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks import report
from benchmarks.servers import ROOT, create_database
from scripts.postgres import throwaway_postgres

if TYPE_CHECKING:
    from benchmarks.flat_cases import Case

SIZES = (1000, 100_000, 5_000_000)
ROUNDS = 30
LIMIT = 1.3


@dataclass
class Seen:
    """The seconds of one case at one size, each time, and the pages that it read."""

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
    text = table(options.sizes, seen)
    print(text)
    if not options.dry_run:
        report.put_into(ROOT / "docs" / "performance.md", text, "flat")
    return 0


def _set_up(database: str) -> None:
    """Set up Django as in production.

    The environment comes first, so all imports of Django are inside of functions.
    """
    os.environ |= {
        "DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "mediabackend.settings",
        "DEBUG": "true",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "IMAGEKIT_PRIVATE_KEY": "",
        "ALLOWED_HOSTS": "testserver",
        "THROTTLE_ANON": "",
        "THROTTLE_WRITE": "",
    }
    import django
    from django.conf import settings

    django.setup()
    # With DEBUG, Django keeps every query in memory.
    settings.DEBUG = False


@contextmanager
def _database(size: int) -> Iterator[None]:
    """Use the database of this size."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = f"images_{size}"
    connection.ensure_connection()
    yield


def _prepare(size: int) -> dict[str, "Case"]:
    """Fill a database; return the cases by their names."""
    from django.core.management import call_command

    from benchmarks.flat_cases import all_cases, suspend_newest

    with _database(size):
        started = time.perf_counter()
        call_command("migrate", verbosity=0)
        call_command(
            "seed_images",
            *("--yes", f"--images={size}", f"--users={max(10, size // 1000)}"),
            f"--largest={size // 5}",
        )
        suspend_newest(size // 50)
        print(f"{size:,} in {time.perf_counter() - started:.0f} s", flush=True)
        return all_cases()


def _measure(cases: Mapping[int, Mapping[str, "Case"]]) -> dict[int, dict[str, Seen]]:
    seen: dict[int, dict[str, Seen]] = {
        size: {name: Seen() for name in found} for size, found in cases.items()
    }
    for _ in range(ROUNDS):
        for size, found in cases.items():
            with _database(size):
                for name, case in found.items():
                    _request(case, seen[size][name])
    return seen


def _request(case: "Case", seen: Seen) -> None:
    """Send a request, and explain its statements."""
    from django.db import connection
    from django.test import Client

    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, *rest)

    client = Client(headers=dict(case.headers))
    # Warm up, and collect the statements.
    with connection.execute_wrapper(note):
        response = client.get(case.url)
    if response.status_code != 200:
        raise RuntimeError(f"{case.url}: {response.status_code}")
    started = time.perf_counter()
    client.get(case.url)
    seen.requests.append(time.perf_counter() - started)
    plans = [_explain(*statement) for statement in asked]
    seen.database.append(
        sum(plan["Planning Time"] + plan["Execution Time"] for plan in plans) / 1000
    )
    seen.pages = sum(
        plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        for plan in plans
    )


def _explain(sql: str, params: Any) -> dict[str, Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]
    return plan


def table(sizes: Sequence[int], seen: Mapping[int, Mapping[str, Seen]]) -> str:
    """Return a table of the medians, and of the ratios to the first size."""
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
