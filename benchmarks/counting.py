"""Count the cost of requests, instead of the time: `make bench-counts`.

    python -m benchmarks.counting [--record]

Compares the figures of the main requests with benchmarks/counts.json, on SQLite and on
PostgreSQL, or records them there. The figures do not depend on the load of the machine:
from run to run the statements are the same, calls differ by four at most, and memory by
3 %. Calls and memory depend on the version of Python, so each version has its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.servers import ROOT, project_environ
from scripts.postgres import throwaway_postgres
from scripts.processes import plain_environ

RECORD = ROOT / "benchmarks" / "counts.json"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# The largest share by which a figure may differ from the record. Lower figures fail
# too: an outdated record would hide the next regression.
LIMITS = {"statements": 0.0, "calls": 0.1, "bytes": 0.1}
_ADVICE = "If this is intended, record it: make bench-counts ARGS=--record"

# The figures of each request, by their names.
Counts = Mapping[str, Mapping[str, int]]


def count(database: str, folder: Path) -> Counts:
    """Count on a database that has the tables.

    Raises RuntimeError with the end of the output, if the program fails.
    """
    found: Counts = json.loads(_run(database, folder, "-m", "benchmarks.counted"))
    return found


def recorded(vendor: str) -> tuple[Counts, bool]:
    """Return the record, and whether it is of this version of Python."""
    versions: dict[str, dict[str, Counts]] = json.loads(RECORD.read_text())
    if PYTHON in versions:
        return versions[PYTHON][vendor], True
    # Statements are the same in every version.
    return next(iter(versions.values()))[vendor], False


def differences(
    known: Counts, found: Counts, limits: Mapping[str, float] = LIMITS
) -> str:
    """Return a text on differences beyond the limits; "" if there are none."""
    lines = [
        f"{request}: {'only' if request in known else 'not'} in the record"
        for request in known.keys() ^ found.keys()
    ]
    for request in known.keys() & found.keys():
        for what, limit in limits.items():
            old, new = known[request][what], found[request][what]
            if abs(new - old) > old * limit:
                lines.append(f"{request}: {new:,} {what}, the record has {old:,}")
    return "\n".join([*sorted(lines), _ADVICE]) if lines else ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.counting")
    parser.add_argument("--record", action="store_true", help="write counts.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, throwaway_postgres() as postgres:
        databases = {"postgresql": postgres, "sqlite": f"sqlite:///{name}/db.sqlite3"}
        found = {}
        for vendor, database in databases.items():
            _run(database, Path(name), "manage.py", "migrate", "--verbosity=0")
            found[vendor] = count(database, Path(name))
            print(f"\n{_table(vendor, found[vendor])}")
    if options.record:
        _write(found)
        return 0
    said = {vendor: differences(recorded(vendor)[0], found[vendor]) for vendor in found}
    for vendor, text in said.items():
        print(f"\n{vendor}: {text or 'as in the record'}")
    return 1 if any(said.values()) else 0


def _run(database: str, folder: Path, *arguments: str) -> str:
    environ = project_environ(folder, database, "http://imagekit.invalid")
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**plain_environ(), **environ},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{done.stderr[-3000:]}")
    return done.stdout


def _table(vendor: str, counts: Counts) -> str:
    lines = [f"| {vendor} | statements | calls | KiB |", "| --- | ---: | ---: | ---: |"]
    lines += [
        f"| {request} | {row['statements']} | {row['calls']:,} "
        f"| {row['bytes'] / 1024:.0f} |"
        for request, row in counts.items()
    ]
    return "\n".join(lines)


def _write(found: Mapping[str, Counts]) -> None:
    versions = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    versions[PYTHON] = found
    RECORD.write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
