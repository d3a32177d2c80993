"""Run the linters and the tests on SQLite and PostgreSQL: `make test`.

`--deep` runs the tests marked `deep` instead: `make test-deep`. The last lines name
what this machine cannot run; with `CI=true` that is a failure.
"""

import os
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from scripts.postgres import throwaway_postgres

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

SERVED = ("mediabackend", "accounts", "images", "imagekit_emulator")

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports", "--no-logo"),
    ("mypy",),
    # Programs for developers are left out: they may start other programs.
    ("bandit", "-q", "-c", "pyproject.toml", "-r", *SERVED),
)

# mypy's plugin reads the settings, which demand a secret.
LINT_ENVIRON = {"DEBUG": "true", "SECRET_KEY": "for-type-checks-only"}


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--deep", action="store_true", help="run only the deep tests")
    deep = parser.parse_args().deep
    # Otherwise SIGTERM would leave the temporary PostgreSQL running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Terminated"))
    failed: list[str] = [] if deep else _run_linters()
    not_run: list[str] = []
    with ExitStack() as stack:
        for number, (name, url) in enumerate(_databases(stack, not_run).items()):
            print(f"\n=== Tests on {name}", flush=True)
            marks = "deep" if deep else "not deep"
            if number:
                # The others have run on the first database.
                marks += " and needs_database and not any_database"
            if not _run_tests(url, marks, not_run):
                failed.append(f"tests on {name}")
    for reason in sorted(set(not_run)):
        print(f"NOT RUN on this machine: {reason}")
    if not_run and os.environ.get("CI") == "true":
        failed.append("CI must run everything")
    if not deep:
        print("`make test-deep` runs the long tests.")
    print("FAILED: " + "; ".join(failed) if failed else "All checks passed.")
    return 1 if failed else 0


def _run_linters() -> list[str]:
    """Return the commands that failed."""
    return [" ".join(command) for command in LINTERS if not _run(command, LINT_ENVIRON)]


def _databases(stack: ExitStack, not_run: list[str]) -> Mapping[str, str]:
    """Return the databases to test on: name -> DATABASE_URL."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    urls = {"SQLite": f"sqlite:///{folder}/db.sqlite3"}
    if given := os.environ.get("DATABASE_URL", ""):
        urls["PostgreSQL"] = given
        return urls
    try:
        urls["PostgreSQL"] = stack.enter_context(throwaway_postgres())
    except FileNotFoundError as error:
        not_run.append(f"tests on PostgreSQL ({error})")
    return urls


def _run_tests(url: str, marks: str, not_run: list[str]) -> bool:
    """Run the tests with these marks on one database; note those that it skips."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = ("pytest", "-q", "-n", "auto", "-m", marks, f"--junitxml={report}")
        passed = _run(command, {"DATABASE_URL": url})
        not_run += _skipped(report)
    return passed


def _skipped(report: Path) -> Iterator[str]:
    """Return the tests that pytest has skipped, with their reasons."""
    if not report.exists():
        return
    # Written by pytest just now, so no hostile XML.
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
        for skip in case.iter("skipped"):
            name = f"{case.get('classname')}::{case.get('name')}"
            yield f"{name} ({skip.get('message')})"


def _run(command: tuple[str, ...], env: Mapping[str, str]) -> bool:
    program = [str(BIN / command[0]), *command[1:]]
    print("$", " ".join(command), flush=True)
    done = subprocess.run(program, cwd=ROOT, env={**os.environ, **env})
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
