"""The servers of a benchmark, in processes of their own."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from scripts.postgres import throwaway_postgres
from scripts.processes import free_port, plain_environ, running

ROOT = Path(__file__).resolve().parent.parent
REFERENCE_BIN = ROOT / "benchmarks" / ".venv-reference" / "bin"
WORKERS = 2
_START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Servers:
    """The running servers; `databases` are those of project and reference."""

    standin: Server
    reference: Server
    project: Server
    bare: Server
    databases: tuple[str, str]


@contextmanager
def all_servers(folder: Path) -> Iterator[Servers]:
    """Run all servers until the end of the context; their logs are in `folder`.

    Raises FileNotFoundError if PostgreSQL is not installed.
    """
    with ExitStack() as start:
        postgres = start.enter_context(throwaway_postgres())
        project_db = create_database(postgres, "project")
        reference_db = create_database(postgres, "reference")
        standin = start.enter_context(running_standin(folder))
        environ = project_environ(folder, project_db, standin.url)
        yield Servers(
            standin,
            start.enter_context(_reference(folder, reference_db, standin)),
            start.enter_context(running_project(folder, environ)),
            start.enter_context(running_bare(folder, environ)),
            (project_db, reference_db),
        )


@contextmanager
def running_standin(folder: Path) -> Iterator[Server]:
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.standin", str(port))
    with _running("standin", command, {}, port, folder) as server:
        yield server


@contextmanager
def _reference(folder: Path, database: str, standin: Server) -> Iterator[Server]:
    environ = {
        # SQLAlchemy has another scheme for it.
        "DATABASE_URL": database.replace("postgres://", "postgresql+psycopg2://", 1),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ACCESS_TOKEN_EXPIRE_MINUTES": "600",
        "IMAGEKIT_PRIVATE_KEY": "private_benchmark",
        "IMAGEKIT_API_URL": standin.url,
    }
    tables = (REFERENCE_BIN / "python", "-m", "benchmarks.reference.models")
    subprocess.run(tables, cwd=ROOT, env={**plain_environ(), **environ}, check=True)
    port = free_port()
    command = (
        *(str(REFERENCE_BIN / "uvicorn"), "benchmarks.reference.app:app"),
        *("--port", str(port), "--workers", str(WORKERS)),
    )
    with _running("reference", command, environ, port, folder) as server:
        yield server


@contextmanager
def running_project(folder: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    migrate = (sys.executable, "manage.py", "migrate", "--verbosity=0")
    subprocess.run(migrate, cwd=ROOT, env={**plain_environ(), **environ}, check=True)
    port = free_port()
    command = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py")
    environ = {**environ, "PORT": str(port)}
    with _running("project", command, environ, port, folder) as server:
        yield server


@contextmanager
def running_bare(folder: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    """Run the bare handler under gunicorn, with as many threads as the project has."""
    port = free_port()
    command = (
        *(sys.executable, "-m", "gunicorn", "benchmarks.bare:application"),
        # The hooks of the project's configuration need Django.
        *("--config", os.devnull, "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "mediabackend.server.worker.WholeHeadWorker"),
        *("--threads", "16", "--keep-alive", "5"),
        *("--workers", str(WORKERS), "--access-logfile", "-"),
    )
    with _running("bare", command, environ, port, folder) as server:
        yield server


def project_environ(folder: Path, database: str, imagekit: str) -> dict[str, str]:
    """Return the settings of production, except for HTTPS, mails and throttles."""
    throttles = (
        "SIGNUP",
        "LOGIN",
        "RESET",
        "UPLOAD",
        "WRITE",
        "EXPORT",
        "REPORT",
        "ANON",
    )
    return {
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "ACCESS_TOKEN_EXPIRE_MINUTES": "600",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
        "DATABASE_URL": database,
        "CACHE_URL": "locmemcache://",
        "SITE_URL": "http://127.0.0.1",
        "EMAIL_URL": "dummymail://",
        "TASKS_BACKEND": "immediate",
        "LOG_FORMAT": "json",
        **{f"THROTTLE_{name}": "" for name in throttles},
        "LOCKOUT_FAILURES": "0",
        "USER_QUOTA_BYTES": "0",
        "IMAGEKIT_PRIVATE_KEY": "private_benchmark",
        "IMAGEKIT_PUBLIC_KEY": "public_benchmark",
        "IMAGEKIT_URL_ENDPOINT": "https://ik.imagekit.io/demo",
        "IMAGEKIT_API_URL": imagekit,
        "WEB_CONCURRENCY": str(WORKERS),
        "TMPDIR": str(folder),
    }


@contextmanager
def _running(
    name: str,
    command: tuple[str, ...],
    environ: Mapping[str, str],
    port: int,
    folder: Path,
) -> Iterator[Server]:
    """Run a program until the end; raise RuntimeError if it does not start."""
    log = folder / f"{name}.log"
    with running(command, ROOT, {**plain_environ(), **environ}, log) as process:
        _wait_until_up(name, process, port, folder)
        yield Server(port, process.pid)


def _wait_until_up(
    name: str, process: subprocess.Popen[bytes], port: int, folder: Path
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = (folder / f"{name}.log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{name} did not start:\n{said}")


def create_database(server: str, name: str) -> str:
    """Create a database on the server with this URL; return its URL."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.rpartition("/")[0] + f"/{name}"
