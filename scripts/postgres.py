"""Temporary PostgreSQL servers, made with the programs that are installed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.processes import free_port

# Fast but unsafe: a crash of the machine may lose data, which does not matter here.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def find_binaries() -> Path | None:
    """Return the folder with the newest `initdb` and `pg_ctl`, or None."""
    found = [
        Path(folder)
        for folder in os.environ.get("PATH", "").split(os.pathsep)
        if (Path(folder) / "initdb").exists()
    ]
    # Debian keeps the programs of each version in a folder that is not in PATH.
    debian = Path("/usr/lib/postgresql")
    found += sorted(
        (path.parent for path in debian.glob("*/bin/initdb")),
        key=lambda path: float(path.parent.name),
        reverse=True,
    )
    return found[0] if found else None


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server with its own data. `url` names its database `postgres`."""

    url: str
    folder: Path
    start_command: tuple[str, ...]
    stop_command: tuple[str, ...]

    def start(self) -> None:
        """Start the server, and return when it accepts connections."""
        _run(self.start_command, self.folder)

    def stop(self) -> None:
        """Stop the server at once, without a clean shutdown, like a crash."""
        _run(self.stop_command, self.folder)


@contextmanager
def throwaway_postgres() -> Iterator[str]:
    """Start a new server, yield the URL of its database `postgres`, and remove it.

    Raises FileNotFoundError where PostgreSQL is not installed.
    """
    # It is never started again, so it may lose its last commits when it stops.
    with throwaway_cluster(synchronous_commit="off") as cluster:
        yield cluster.url


@contextmanager
def throwaway_cluster(**settings: str) -> Iterator[Cluster]:
    """Start a new server with these `settings`, yield it, and remove it.

    By default it keeps what was committed when it is stopped and started again. Raises
    FileNotFoundError where PostgreSQL is not installed.
    """
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL is not installed.")
    folder = Path(tempfile.mkdtemp(prefix="mediabackend-postgres-"))
    if user := unprivileged_user():
        shutil.chown(folder, user)
    data, port = str(folder / "data"), free_port()
    all_settings = _SETTINGS | settings
    options = " ".join(f"-c {name}={value}" for name, value in all_settings.items())
    options += f" -p {port} -k {folder}"
    server = (str(binaries / "pg_ctl"), "-D", data, "-w", "-l", str(folder / "log"))
    cluster = Cluster(
        url=f"postgres://postgres@127.0.0.1:{port}/postgres",
        folder=folder,
        start_command=(*server, "-o", options, "start"),
        stop_command=(*server, "-m", "immediate", "stop"),
    )
    try:
        initdb = (str(binaries / "initdb"), "-D", data, "-U", "postgres")
        _run((*initdb, "-A", "trust", "-N"), folder)
        cluster.start()
        try:
            yield cluster
        finally:
            if (folder / "data" / "postmaster.pid").exists():
                cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: tuple[str, ...], folder: Path) -> None:
    subprocess.run(
        command,
        user=unprivileged_user(),
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def unprivileged_user() -> str | None:
    """Return the user that runs the server if we are root, as it refuses root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
