"""A throw-away PostgreSQL server from whatever binaries are installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Speed over safety: the cluster does not outlive the run.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def find_binaries() -> Path | None:
    """Return the folder with `initdb` and `pg_ctl`, the newest, or None."""
    found = [
        Path(folder)
        for folder in os.environ.get("PATH", "").split(os.pathsep)
        if (Path(folder) / "initdb").exists()
    ]
    # Debian keeps server programs off the PATH, a folder a version.
    debian = Path("/usr/lib/postgresql")
    found += sorted(
        (path.parent for path in debian.glob("*/bin/initdb")),
        key=lambda path: float(path.parent.name),
        reverse=True,
    )
    return found[0] if found else None


@contextmanager
def throwaway_postgres() -> Iterator[str]:
    """Yield the URL of a new server's database `postgres`; removed at the end.

    Raises FileNotFoundError where PostgreSQL is not installed.
    """
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL is not installed.")
    folder = Path(tempfile.mkdtemp(prefix="mediabackend-postgres-"))
    user = _unprivileged_user()
    if user:
        shutil.chown(folder, user)
    data, port = folder / "data", _free_port()

    def run(*command: object) -> None:
        subprocess.run(
            [str(part) for part in command],
            user=user,
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    try:
        run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N")
        options = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        options += f" -p {port} -k {folder}"
        server = (binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log")
        run(*server, "-o", options, "start")
        try:
            yield f"postgres://postgres@127.0.0.1:{port}/postgres"
        finally:
            run(*server, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged_user() -> str | None:
    """Return whom to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
