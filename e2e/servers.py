"""Servers in processes of their own."""

import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from e2e.databases import fresh_database
from e2e.tls import TRUSTED
from scripts.processes import free_port, plain_environ, running

THROTTLES = ("SIGNUP", "LOGIN", "RESET", "UPLOAD", "WRITE", "REPORT", "ANON")
ADMIN_EMAIL = "admin@example.com"
START_SECONDS = 30
# Both in one process, as Django takes seconds to start.
_PREPARE_DATABASE = """
import django
from django.core.management import call_command

django.setup()
call_command("migrate", verbosity=0)
call_command("createsuperuser", interactive=False, verbosity=0)
"""


@dataclass(frozen=True)
class Server:
    """A running server: its URL, its files and its process."""

    url: str
    folder: Path
    log: Path
    process: subprocess.Popen[bytes]
    admin_password: str = field(default="", repr=False)
    imagekit: Mapping[str, str] = field(default_factory=dict, repr=False)

    def processes(self) -> list[psutil.Process]:
        """Return the main process and its descendants."""
        main = psutil.Process(self.process.pid)
        return [main, *main.children(recursive=True)]


@contextmanager
def gunicorn_server(
    code: Path, folder: Path, run_url: str, **variables: str
) -> Iterator[Server]:
    """Run gunicorn, and the emulator in another process."""
    with ExitStack() as stack:
        environ = laptop_environ(folder) | variables
        environ |= stack.enter_context(emulator(code, folder, environ))
        environ["DATABASE_URL"] = stack.enter_context(fresh_database(run_url, folder))
        port = free_port()
        environ |= {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "2"}
        command = (sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py")
        yield stack.enter_context(_site(command, code, folder, environ, port))


@contextmanager
def development_server(
    code: Path, folder: Path, run_url: str, *, worker: bool = False, **variables: str
) -> Iterator[Server]:
    """Run Django's development server, with the emulator in the same process.

    With `worker`, a worker runs beside it, as `make run` does.
    """
    with ExitStack() as stack:
        environ = laptop_environ(folder) | variables
        environ["DATABASE_URL"] = stack.enter_context(fresh_database(run_url, folder))
        port = free_port()
        listen = f"127.0.0.1:{port}"
        command = (sys.executable, "manage.py", "runserver", "--noreload", listen)
        server = stack.enter_context(_site(command, code, folder, environ, port))
        if worker:
            command = (sys.executable, "manage.py", "run_worker")
            log = folder / "worker.log"
            stack.enter_context(running(command, code, environ, log))
        yield server


@contextmanager
def emulator(
    code: Path, folder: Path, environ: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Run the emulator; yield the environment variables that it prints."""
    root, log = folder / "imagekit", folder / "emulator.log"
    command = (sys.executable, "manage.py", "imagekit_emulator", "--port", "0")
    command = (*command, "--root", str(root))
    with running(command, code, environ, log) as process:

        def settings() -> dict[str, str]:
            lines = log.read_text().splitlines()
            found = dict(line.split("=", 1) for line in lines if "=" in line)
            return {k: v for k, v in found.items() if k.startswith("IMAGEKIT_")}

        # The last one that it prints.
        wait_until(lambda: "IMAGEKIT_PUBLIC_KEY" in settings(), process, log)
        yield settings()


@contextmanager
def _site(
    command: tuple[str, ...],
    code: Path,
    folder: Path,
    environ: dict[str, str],
    port: int,
) -> Iterator[Server]:
    """Create the tables and an administrator, then serve."""
    password = secrets.token_urlsafe(12)
    superuser = {
        "DJANGO_SETTINGS_MODULE": "mediabackend.settings",
        "DJANGO_SUPERUSER_EMAIL": ADMIN_EMAIL,
        "DJANGO_SUPERUSER_PASSWORD": password,
    }
    subprocess.run(
        (sys.executable, "-c", _PREPARE_DATABASE),
        cwd=code,
        env=environ | superuser,
        check=True,
    )
    log = folder / "server.log"
    with running(command, code, environ, log) as process:
        imagekit = {k: v for k, v in environ.items() if k.startswith("IMAGEKIT_")}
        url = f"http://127.0.0.1:{port}"
        server = Server(url, folder, log, process, password, imagekit)
        wait_until(lambda: answers(server.url), process, log)
        yield server


def laptop_environ(folder: Path) -> dict[str, str]:
    """Return the environment of a laptop without keys of ImageKit."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True)
    return bare_environ() | {
        "DEBUG": "true",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": "127.0.0.1",
        "TMPDIR": str(temporary),
        # Three slashes and an absolute path: a file for each mail, see mails.py.
        "EMAIL_URL": f"filemail:///{folder / 'mails'}",
        # All tests come from one ip.
        **{f"THROTTLE_{name}": "" for name in THROTTLES},
    }


def bare_environ() -> dict[str, str]:
    """Return the environment that any program needs."""
    return plain_environ() | {"PYTHONUNBUFFERED": "1"}


def answers(url: str) -> bool:
    """Return whether a healthy server answers at this URL."""
    try:
        answer = httpx.get(f"{url}/healthz", trust_env=False, verify=TRUSTED)
        return answer.status_code == 200
    except httpx.TransportError:
        return False


def wait_until(condition, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a program is ready; raise with the end of its log if it fails."""
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The server did not start:\n{tail(log)}")
        time.sleep(0.05)


def tail(log: Path, lines: int = 40) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)
