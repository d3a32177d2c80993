"""Measure this project and the reference: `make bench`.

    python -m benchmarks [--seconds 2] [--rounds 5] [--only profile] [--dry-run]

Prints the results, and writes them into benchmarks/results/ and docs/performance.md.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import psycopg

from benchmarks import report
from benchmarks.cases import Case, all_cases
from benchmarks.contention import measure_contention
from benchmarks.machine import describe
from benchmarks.measure import combine, measured
from benchmarks.servers import REFERENCE_BIN, ROOT, Servers, all_servers
from benchmarks.sites import PROJECT, REFERENCE, Site, fill
from scripts.postgres import find_binaries


def main() -> int:
    options = _options()
    if missing := _missing():
        print("\n".join(missing), file=sys.stderr)
        return 1
    cases = [case for case in all_cases() if options.only in case.name]
    with tempfile.TemporaryDirectory() as folder, all_servers(Path(folder)) as servers:
        facts = describe(servers.databases[0])
        print("Signing people up and uploading their images ...", flush=True)
        sites = _fill(servers)
        lines = [
            _measure(case, sites, servers, options.seconds, options.rounds)
            for case in cases
        ]
        text = report.markdown(lines, facts)
        if options.only in "profile beside uploads":
            _set_delay(servers, 0)
            found = measure_contention(
                sites["project"], options.seconds, options.rounds
            )
            text += f"\n\n{found.sentence}"
    print(f"\n{text}")
    if not options.dry_run:
        _write(lines, facts, options.seconds, text)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument(
        "--seconds", type=float, default=2, help="the length of each run"
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often the sides take turns"
    )
    parser.add_argument(
        "--only", default="", help="run only the cases with this in their name"
    )
    parser.add_argument("--dry-run", action="store_true", help="write no files")
    return parser.parse_args()


def _missing() -> list[str]:
    """Return a message for each program that is not installed."""
    found = []
    if shutil.which("wrk") is None:
        found.append("wrk is not installed (Debian: apt-get install wrk).")
    if find_binaries() is None:
        found.append(
            "PostgreSQL is not installed (Debian: apt-get install postgresql)."
        )
    if not (REFERENCE_BIN / "uvicorn").exists():
        found.append("The reference is not installed: run `make bench`.")
    return found


def _fill(servers: Servers) -> dict[str, Site]:
    project = fill(servers.project, PROJECT)
    sites = {
        "reference": fill(servers.reference, REFERENCE),
        "project": project,
        # It reads the tables of the project, and accepts the project's tokens.
        "bare": replace(project, server=servers.bare),
    }
    for database in servers.databases:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
    return sites


def _measure(
    case: Case, sites: dict[str, Site], servers: Servers, seconds: float, rounds: int
) -> report.Line:
    """Run a case on all sides in turn, several times."""
    sides = [side for side in sites if side != "bare" or case.limit]
    _set_delay(servers, case.delay)
    for side in sides:
        # Warm up.
        case.load(sites[side], 1)
    runs = [
        (
            side,
            measured(sites[side].server.pid, partial(case.load, sites[side], seconds)),
        )
        for _ in range(rounds)
        for side in sides
    ]
    results = {
        side: combine([run for other, run in runs if other == side]) for side in sides
    }
    line = report.Line(case.name, case.target, results, case.limit)
    rates = ", ".join(
        f"{side} {found.per_second:.1f}" for side, found in results.items()
    )
    print(f"{case.name}: {rates} requests/s, {line.ratio:.2f} x", flush=True)
    return line


def _set_delay(servers: Servers, milliseconds: int) -> None:
    answer = httpx.post(f"{servers.standin.url}/delay/{milliseconds}")
    answer.raise_for_status()


def _write(
    lines: Sequence[report.Line], facts: dict[str, str], seconds: float, text: str
) -> None:
    day = datetime.now(UTC).date().isoformat()
    report.write_json(
        ROOT / "benchmarks" / "results" / f"{day}.json", lines, facts, seconds
    )
    docs = ROOT / "docs"
    (docs / "images" / "performance.svg").write_text(report.plot(lines))
    report.put_into(docs / "performance.md", text)


if __name__ == "__main__":
    sys.exit(main())
