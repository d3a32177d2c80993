"""Everything that `make test` runs: lint, types, and the tests on two databases.

What this machine cannot run is named in the last lines; with `CI=true` that is
a failure.
"""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from scripts.postgres import throwaway_postgres

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

SERVED = ("mediabackend", "accounts", "images", "imagekit_emulator")

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    # What is served; programs for developers start others as they please.
    ("bandit", "-q", "-c", "pyproject.toml", "-r", *SERVED),
)

# What no database has a part in runs on the first one only.
WITHOUT_DATABASE = (
    "imagekit_emulator",
    "images/tests/media/formats",
    "images/tests/imagekit",
    "e2e/test_browser_*.py",
    "e2e/test_kept_connections.py",
    "e2e/test_make_run.py",
    # They bring a PostgreSQL of their own.
    "e2e/test_many_instances.py",
    "e2e/test_pooled_instances.py",
    "e2e/test_slow_clients.py",
    "e2e/test_upload_limits.py",
)

# mypy's plugin reads the settings, which demand a secret.
LINT_ENVIRON = {"DEBUG": "true", "SECRET_KEY": "for-type-checks-only"}


def main() -> int:
    failed = [
        " ".join(command) for command in LINTERS if not _run(command, LINT_ENVIRON)
    ]
    not_run: list[str] = []
    with ExitStack() as stack:
        for number, (name, url) in enumerate(_databases(stack, not_run).items()):
            print(f"\n=== Tests on {name}", flush=True)
            ignored = WITHOUT_DATABASE if number else ()
            if not _run_tests(url, ignored, not_run):
                failed.append(f"tests on {name}")
    for reason in sorted(set(not_run)):
        print(f"NOT RUN on this machine: {reason}")
    if not_run and os.environ.get("CI") == "true":
        failed.append("CI must run everything")
    print("FAILED: " + "; ".join(failed) if failed else "All checks passed.")
    return 1 if failed else 0


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


def _run_tests(url: str, ignored: Iterable[str], not_run: list[str]) -> bool:
    """Run the suite on one database, and note what it skipped."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = ("pytest", "-q", "-n", "auto", f"--junitxml={report}")
        globs = tuple(f"--ignore-glob={ROOT / path}" for path in ignored)
        passed = _run(command + globs, {"DATABASE_URL": url})
        if report.exists():
            # Written by pytest just now, so no hostile XML.
            tree = ElementTree.parse(report)  # noqa: S314
            not_run += [
                f"{case.get('classname')}::{case.get('name')} ({skip.get('message')})"
                for case in tree.iter("testcase")
                for skip in case.iter("skipped")
            ]
    return passed


def _run(command: tuple[str, ...], env: Mapping[str, str]) -> bool:
    program = [str(BIN / command[0]), *command[1:]]
    print("$", " ".join(command), flush=True)
    done = subprocess.run(program, cwd=ROOT, env={**os.environ, **env})
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
