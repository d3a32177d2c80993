"""`make run` in a project that was just unpacked."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from e2e.api_client import open_client
from e2e.project_copy import copy_project
from e2e.servers import answers, bare_environ, wait_until
from scripts.processes import free_port, running

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Run:
    """One `make run`: its URL, its output, and the CPU time that its start took."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    cpu_seconds: float

    @property
    def output(self) -> str:
        return self.log.read_text()

    def password(self) -> str:
        """Return the password in the output; it must be there once."""
        (password,) = re.findall(r"^\s*password\s+(\S+)$", self.output, re.MULTILINE)
        return password


@contextmanager
def make_run(folder: Path, log: Path, **environ: str) -> Iterator[Run]:
    port = free_port()
    environ = bare_environ() | {"HOST": "127.0.0.1", "PORT": str(port)} | environ
    url = f"http://127.0.0.1:{port}"
    with running(("make", "run"), folder, environ, log) as process:
        wait_until(lambda: answers(url), process, log)
        main = psutil.Process(process.pid)
        family = [main, *main.children(recursive=True)]
        # The first four are the times of a process and of its children that have ended.
        cpu_seconds = sum(sum(one.cpu_times()[:4]) for one in family)
        yield Run(url, process, log, cpu_seconds)


def stop(run: Run, *, by: signal.Signals, whole_group: bool) -> None:
    """End it, and check that none of its processes is left."""
    main = psutil.Process(run.process.pid)
    family = [main, *main.children(recursive=True)]
    # The server reloads itself in a child, and the worker is a process of its own.
    assert {"runserver", "run_worker"} <= {
        word for one in family for word in one.cmdline()
    }
    if whole_group:
        os.killpg(run.process.pid, by)
    else:
        run.process.send_signal(by)
    run.process.wait(10)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == []
    assert not answers(run.url)
    assert "Traceback" not in run.output


def sign_in(run: Run, password: str):
    form = {"username": "admin@example.com", "password": password}
    with open_client(run.url) as http:
        token = http.post(
            "/api/v1/auth/token/",
            json={"email": form["username"], "password": password},
        )
        assert token.status_code == 200, token.text
        return http.post("/api/v1/auth/login/", data=form).json()


@pytest.fixture
def _heeded_interrupts() -> Iterator[None]:
    """Let the programs heed SIGINT if these tests run in the background.

    Shells have programs in the background ignore it, and children inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Copy the project, and give it an installed virtual environment.

    The folder of the environment is new and has the stamps of make. Its contents are
    links to the environment of this run, so that nothing is downloaded.
    """
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    folder = copy_project(tmp_path / "checkout")
    installed = folder / ".venv"
    installed.mkdir()
    for path in Path(sys.prefix).iterdir():
        if path.name in ("bin", "lib", "lib64", "include", "pyvenv.cfg"):
            (installed / path.name).symlink_to(path)
    (installed / "installed").touch()
    return folder


@pytest.mark.usefixtures("_heeded_interrupts")
def test_make_run__first_and_second_start(checkout, tmp_path, record_property):
    with make_run(checkout, tmp_path / "first.log") as first:
        password = first.password()
        assert "Installing" not in first.output
        assert first.output.count("admin@example.com") == 1
        assert_all_pages_work(first)
        # The worker runs too, and ends with the server.
        wait_until(lambda: worker_seen(first), first.process, first.log)
        assert sign_in(first, password)["expires_in"] == 60 * 60
        assert (checkout / "db.sqlite3").exists()
        # Ctrl-C in a terminal reaches every process of the group.
        stop(first, by=signal.SIGINT, whole_group=True)

    env_file = checkout / ".env"
    assert env_file.stat().st_mode & 0o077 == 0
    secret = re.search(r"^SECRET_KEY=(.*)$", env_file.read_text(), re.MULTILINE)
    assert secret is not None
    assert len(secret[1]) >= 50
    changed = f"{env_file.read_text()}\nACCESS_TOKEN_EXPIRE_MINUTES=9\n"
    env_file.write_text(changed)

    with make_run(
        checkout, tmp_path / "second.log", ACCESS_TOKEN_EXPIRE_MINUTES="7"
    ) as second:
        record_property("second_start_cpu_seconds", second.cpu_seconds)
        print(f"CPU: {first.cpu_seconds:.1f} s, then {second.cpu_seconds:.1f} s")  # noqa: T201
        assert second.cpu_seconds < 10
        assert "password" not in second.output
        assert env_file.read_text() == changed
        # The environment wins over .env.
        assert sign_in(second, password)["expires_in"] == 7 * 60
        stop(second, by=signal.SIGTERM, whole_group=False)


def worker_seen(run: Run) -> bool:
    with open_client(run.url) as http:
        seconds = http.get("/readyz").json()["worker_seen_seconds"]
    return seconds is not None and seconds < 60


def assert_all_pages_work(run: Run) -> None:
    with open_client(run.url) as http:
        for page in ("/", "/docs", "/redoc", "/api/v1/", "/admin/"):
            assert re.search(rf"{re.escape(run.url + page)}\s", run.output), page
            assert http.get(page, follow_redirects=True).status_code == 200
        state = http.get("/readyz").json()
    assert state["checks"]["database"] == "sqlite"
    assert state["checks"]["storage"] == "emulator"
