"""Facts about the machine of a benchmark, without host names and paths."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import psycopg

_OF_REFERENCE = ("fastapi", "sqlalchemy", "uvicorn", "psycopg2-binary", "imagekitio")
_OF_PROJECT = ("django", "djangorestframework", "gunicorn", "psycopg", "imagekitio")


def describe(database: str) -> dict[str, str]:
    """Return facts by their names; `database` is the URL of the PostgreSQL server."""
    with psycopg.connect(database) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "CPU": f"{_cpu_model()}, {os.cpu_count()} cores",
        "Memory": f"{memory:.0f} GiB",
        "Python": platform.python_version(),
        "PostgreSQL": str(row[0]).split()[0] if row else "unknown",
        "Project": ", ".join(f"{name} {version(name)}" for name in _OF_PROJECT),
        "Reference": ", ".join(_pinned(name) for name in _OF_REFERENCE),
    }


def _cpu_model() -> str:
    found = re.search(
        r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE
    )
    return found[1] if found else platform.machine()


def _pinned(name: str) -> str:
    pins = Path(__file__).with_name("reference") / "requirements.txt"
    found = re.search(rf"^{name}==(\S+)", pins.read_text(), re.MULTILINE)
    return f"{name} {found[1]}" if found else name
