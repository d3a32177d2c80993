"""Run the tests on SQLite with each supported Python and Django: `make test-matrix`.

    python -m scripts.test_matrix [3.13-6.1 ...]

Each pair has an environment of its own in var/matrix/. The last lines name the pairs
that failed, and the interpreters that were found neither in PATH nor among pyenv's.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / "var" / "matrix"
UV = (str(Path(sys.executable).parent / "uv"), "--quiet")

# Django 6.1 needs Python 3.12.
PAIRS = {
    f"{python}-{django}": (python, django)
    for django, pythons in {
        "5.2": ("3.11", "3.12", "3.13"),
        "6.1": ("3.12", "3.13"),
    }.items()
    for python in pythons
}
TESTS = ("-m", "pytest", "-q", "-n", "auto", "-m", "not deep")


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="*", metavar="PAIR", help=", ".join(PAIRS))
    chosen = parser.parse_args().pairs or list(PAIRS)
    if unknown := set(chosen) - set(PAIRS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    failed, missing = [], set()
    for pair in chosen:
        python, django = PAIRS[pair]
        interpreter = find_interpreter(python)
        if interpreter is None:
            missing.add(python)
            continue
        print(f"\n=== Python {python}, Django {django}", flush=True)
        if not _run_tests(make_environment(pair, interpreter, django)):
            failed.append(pair)
    for python in sorted(missing):
        print(f"NOT FOUND on this machine: Python {python}")
    print("FAILED: " + ", ".join(failed) if failed else "All pairs that ran passed.")
    return 1 if failed or len(missing) == len({PAIRS[one][0] for one in chosen}) else 0


def find_interpreter(python: str) -> str | None:
    """Return the path of an interpreter of this version, such as 3.13."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found: list[str | None] = [shutil.which(f"python{python}")]
    found += map(str, pyenv.glob(f"versions/{python}.*/bin/python"))
    # A shim of pyenv may be in PATH for a version that it does not run.
    return next((path for path in found if path and _version(path) == python), None)


def _version(interpreter: str) -> str:
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = (interpreter, "-c", program)
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def make_environment(pair: str, interpreter: str, django: str) -> Path:
    """Install the pinned packages, but this Django; return the environment's Python.

    Raises CalledProcessError if that fails.
    """
    folder = ENVIRONMENTS / pair
    if not (folder / "bin" / "python").exists():
        subprocess.run((*UV, "venv", "--python", interpreter, str(folder)), check=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as override:
        override.write(f"django~={django}.0\n")
        override.flush()
        # Another Django has other hashes.
        options = ("--no-verify-hashes", "--override", override.name)
        target = ("--python", str(folder / "bin" / "python"))
        subprocess.run(
            (*UV, "pip", "install", *target, *options, "-r", "requirements-dev.txt"),
            cwd=ROOT,
            check=True,
        )
    return folder / "bin" / "python"


def _run_tests(python: Path) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        database = {"DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
        environ = {**os.environ, **database}
        done = subprocess.run((str(python), *TESTS), cwd=ROOT, env=environ)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
