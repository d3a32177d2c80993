"""Production without containers: the lines of the README, the socket, and nginx."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from e2e.api_client import Member, fetch, open_client
from e2e.cluster import redis_server
from e2e.nginx import find_nginx, tls_nginx
from e2e.parts import Part
from e2e.project_copy import copy_project
from e2e.servers import answers, bare_environ, emulator, laptop_environ
from scripts.postgres import find_binaries, throwaway_postgres
from scripts.processes import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.deep]

ANSWERS = {
    "DOMAIN": "localhost",
    "EMAIL_URL": "dummymail://",
    "DEFAULT_FROM_EMAIL": "media@example.com",
    "ADMIN_EMAIL": "boss@example.com",
}


@dataclass(frozen=True)
class Host:
    """A host on which the project is installed, and the lines that start it."""

    project: Path
    folder: Path
    environ: Mapping[str, str]
    services: tuple[str, str]


@pytest.fixture(scope="module")
def host(code: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Install the project with the lines of the README, but for the last two."""
    wanted = {
        "nginx": find_nginx(),
        "Redis": shutil.which("redis-server"),
        "PostgreSQL": find_binaries(),
    }
    if missing := [name for name, found in wanted.items() if not found]:
        pytest.skip(f"Not installed: {', '.join(missing)}")
    folder = tmp_path_factory.mktemp("production")
    project = copy_project(folder / "project")
    laptop = laptop_environ(folder)
    with (
        emulator(code, folder, laptop) as imagekit,
        throwaway_postgres() as database,
        redis_server(folder) as cache,
    ):
        own = {"DATABASE_URL": database, "CACHE_URL": cache.url}
        *setup, worker, gunicorn = lines_of_the_readme(project, own)
        environ = bare_environ() | ANSWERS | imagekit | {"PORT": str(free_port())}
        script = "set -e\n" + "\n".join(setup)
        typed = ("bash", "-c", script)
        done = subprocess.run(
            typed, cwd=project, env=environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        yield Host(project, folder, environ | own, (worker, gunicorn))


def lines_of_the_readme(project: Path, urls: Mapping[str, str]) -> list[str]:
    """Return the ten lines for a host without containers, with the URLs of this one."""
    section = (project / "README.md").read_text().split("## In production")[1]
    (block,) = re.findall(r"```sh\n(python3 -m venv.+?)```", section, re.S)
    for name, url in urls.items():
        pattern = re.compile(rf"^export {name}=.+$", re.M)
        block, found = pattern.subn(f"export {name}={url}", block)
        assert found == 1
    lines = block.splitlines()
    assert len(lines) == 10
    return lines


def test_readme__leads_to_an_upload_over_tls(host):
    worker, gunicorn = host.services
    url = f"http://localhost:{host.environ['PORT']}"
    site = Part(
        command=("bash", "-c", f"{worker}\nexec {gunicorn}"),
        cwd=host.project,
        environ=host.environ,
        log=host.folder / "services.log",
        is_ready=lambda: answers(url),
        url=url,
    )
    with site, tls_nginx(host.folder, [url]) as proxy:
        assert_takes_a_picture(proxy.url)
        password = (host.project / "secrets/admin_password").read_text()
        with open_client(proxy.url) as http:
            body = {"email": ANSWERS["ADMIN_EMAIL"], "password": password}
            answer = http.post("/api/v1/auth/token/", json=body)
        assert answer.status_code == 200, answer.text
        # The worker too, which the shell has started.
        started = psutil.Process(site.process.pid).children(recursive=True)
        os.killpg(site.process.pid, signal.SIGTERM)
        assert psutil.wait_procs(started, timeout=30)[1] == []


def test_units__serve_on_the_socket_of_systemd(host):
    program = shutil.which("systemd-socket-activate")
    if program is None:
        pytest.skip("systemd is not installed")
    units = host.project / "deploy/systemd"
    web = (units / "mediabackend-web.service").read_text()
    (start,) = re.findall(r"^ExecStart=/srv/mediabackend/(.+)$", web, re.M)
    # The path of a socket has 107 bytes at most.
    with tempfile.TemporaryDirectory() as short:
        path = Path(short) / "web.sock"
        home = host.folder / "home"
        home.mkdir()
        environ = host.environ | {"HOME": str(home)}
        names = [f"--setenv={name}" for name in environ]
        unit = Part(
            command=(program, f"--listen={path}", *names, f"{host.project}/{start}"),
            cwd=host.project,
            environ=environ,
            log=host.folder / "unit.log",
            is_ready=path.exists,
        )
        folder = host.folder / "nginx"
        folder.mkdir()
        with unit, tls_nginx(folder, [f"unix:{path}"]) as proxy:
            assert_takes_a_picture(proxy.url)
    # The user of the unit has no home folder that could be written to.
    assert list(home.iterdir()) == []


def assert_takes_a_picture(url: str) -> None:
    assert url.startswith("https://")
    member = Member.sign_up(url)
    with member.http:
        picture = member.upload(caption="Over TLS")
        assert fetch(picture["url"]).status_code == 200
        (listed,) = member.http.get("/api/v1/images/").json()["results"]
    assert listed["caption"] == "Over TLS"
