"""A throw-away PostgreSQL server from whatever binaries are installed."""

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


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server with data of its own. `url` is its database `postgres`."""

    url: str
    folder: Path
    start_command: tuple[str, ...]
    stop_command: tuple[str, ...]

    def start(self) -> None:
        """Start the server; returns when it takes connections."""
        _run(self.start_command, self.folder)

    def stop(self) -> None:
        """Stop it at once, as a crash would: sessions end, nothing is tidied up."""
        _run(self.stop_command, self.folder)


@contextmanager
def throwaway_postgres() -> Iterator[str]:
    """Yield the URL of a new server's database `postgres`; removed at the end.

    Raises FileNotFoundError where PostgreSQL is not installed.
    """
    with throwaway_cluster() as cluster:
        yield cluster.url


@contextmanager
def throwaway_cluster(**settings: str) -> Iterator[Cluster]:
    """Yield a new server, running, with these `settings`; removed at the end.

    Raises FileNotFoundError where PostgreSQL is not installed.
    """
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL is not installed.")
    folder = Path(tempfile.mkdtemp(prefix="mediabackend-postgres-"))
    if user := _unprivileged_user():
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
        user=_unprivileged_user(),
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _unprivileged_user() -> str | None:
    """Return whom to run the server as: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
