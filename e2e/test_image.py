"""The image, as both Compose files run it: the nine features and more."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

import mediabackend
from e2e.api_client import Member, fetch, open_client
from e2e.caddy import caddy
from e2e.cluster import redis_server
from e2e.compose import read_dotenv, read_services
from e2e.deployment import Deployment
from e2e.images import Image, build_image, require_builder
from e2e.project_copy import copy_project
from e2e.servers import (
    THROTTLES,
    Server,
    answers,
    bare_environ,
    emulator,
    laptop_environ,
)
from e2e.test_nine_features import *  # noqa: F403
from scripts.postgres import find_binaries, throwaway_postgres
from scripts.processes import free_port
from scripts.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.deep]

ADMIN_EMAIL = "boss@example.com"
ANSWERS = {
    "DOMAIN": "localhost",
    "EMAIL_URL": "dummymail://",
    "DEFAULT_FROM_EMAIL": "media@example.com",
    "ADMIN_EMAIL": ADMIN_EMAIL,
}
# All tests come from one ip.
UNLIMITED = {f"THROTTLE_{name}": "" for name in THROTTLES}


@pytest.fixture(scope="module", autouse=True)
def programs() -> None:
    require_builder()
    wanted = {
        "Caddy": shutil.which("caddy"),
        "Redis": shutil.which("redis-server"),
        "PostgreSQL": find_binaries(),
    }
    if missing := [name for name, found in wanted.items() if not found]:
        pytest.skip(f"Not installed: {', '.join(missing)}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("image")
    yield folder
    # Copies of a whole Debian, which pytest would keep.
    shutil.rmtree(folder / "storage", ignore_errors=True)


@pytest.fixture(scope="module")
def imagekit(programs, code, tmp_path_factory) -> Iterator[dict[str, str]]:
    """Run the emulator outside of the image, in ImageKit's place."""
    folder = tmp_path_factory.mktemp("imagekit")
    with emulator(code, folder, laptop_environ(folder)) as variables:
        yield variables


@pytest.fixture(scope="module")
def project(folder, imagekit) -> Path:
    """Copy the project, and run `make deploy-env` there."""
    project = copy_project(folder / "project")
    environ = bare_environ() | ANSWERS | imagekit
    subprocess.run(("make", "deploy-env"), cwd=project, env=environ, check=True)
    return project


@pytest.fixture(scope="module")
def image(folder, project) -> Image:
    return build_image(folder, project)


@pytest.fixture(scope="module")
def deployment(image, folder, project) -> Iterator[Deployment]:
    variables = read_dotenv(project / ".env") | {"FRONT_NETWORK": "127.0.0.0/8"}
    services = read_services("compose.yaml", variables, project)
    with throwaway_postgres() as database, redis_server(folder) as cache:
        own = {"DATABASE_URL": database, "CACHE_URL": cache.url}
        listen = {"HOST": "127.0.0.1", "PORT": str(free_port())}
        changes = own | listen | UNLIMITED
        yield Deployment(image, services, changes, project)


@pytest.fixture(scope="module")
def migrated(deployment) -> str:
    """Return the output of the service `migrate`."""
    done = deployment.run("migrate")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def server(deployment, migrated, imagekit, folder) -> Iterator[Server]:
    """Run the services web, worker and proxy."""
    port = deployment.changes["PORT"]
    direct = f"http://localhost:{port}"
    web = deployment.part("web", lambda: answers(direct))
    worker = deployment.part("worker", lambda: True)
    proxy = caddy(folder, f"localhost:{port}")
    with web, worker, proxy:
        yield Server(proxy.url, folder, web.log, web.process, imagekit=imagekit)
    # Each ends by itself when it is asked to.
    assert web.process.returncode == 0
    assert worker.process.returncode == 0


def test_migrate__creates_the_administrator_once(deployment, migrated):
    assert "accounts.0001_initial" in migrated
    assert f"Created the administrator {ADMIN_EMAIL}." in migrated
    again = deployment.run("migrate")
    assert again.returncode == 0, again.stderr
    assert "No migrations to apply" in again.stdout
    assert "Created" not in again.stdout


def test_administrator__signs_in_with_the_password_in_the_file(server, project):
    password = (project / "secrets/admin_password").read_text()
    with open_client(server.url) as http:
        answer = http.post(
            "/api/v1/auth/token/", json={"email": ADMIN_EMAIL, "password": password}
        )
    assert answer.status_code == 200, answer.text


def test_readyz__sees_the_services(server):
    with open_client(server.url) as http:
        checks = http.get("/readyz").json()["checks"]
    assert checks["database"] == "postgresql"
    assert checks["cache"] == "RedisCache"


def test_static_files__are_in_the_image(server):
    with open_client(server.url) as http:
        page = http.get("/admin/login/")
        styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)
        assert styles
        for url in styles:
            answer = http.get(url)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]


def test_http_is_redirected_without_the_proxy(server, deployment):
    url = f"http://localhost:{deployment.changes['PORT']}/api/v1/images/"
    assert fetch(url).status_code == 301


def test_health_check__says_whether_web_serves(server, deployment):
    kind, *command = deployment.image.config["Healthcheck"]["Test"]
    assert kind == "CMD"
    assert deployment.run("web", *command).returncode == 0
    elsewhere = ("env", f"PORT={free_port()}", *command)
    assert deployment.run("web", *elsewhere).returncode == 1


def test_container__cannot_change_itself(deployment):
    # Anybody may write to the second folder too, if the root is not read-only.
    script = "id -u; touch /tmp/a && touch /var/tmp/a"
    done = deployment.run("web", "sh", "-c", script)
    assert done.stdout == "10001\n"
    assert "Read-only file system" in done.stderr


def test_image__has_what_runs_and_nothing_else(image):
    labels = image.config["Labels"]
    assert labels["org.opencontainers.image.version"] == mediabackend.__version__
    place = image.root / "srv/mediabackend"
    assert {path.name for path in place.iterdir()} - {"__pycache__"} == {
        *("accounts", "images", "imagekit_emulator", "mediabackend", "staticfiles"),
        *("LICENSE", "gunicorn.conf.py", "manage.py", "requirements.txt"),
        # The demonstration serves the gallery.
        "examples",
    }
    assert not [path for path in place.rglob("tests") if "static" not in path.parts]
    for name in ("gcc", "cc", "make"):
        assert not list(image.root.glob(f"usr/*bin/{name}"))


def test_demonstration__takes_a_picture(image, tmp_path):
    web_port, imagekit_port = str(free_port()), str(free_port())
    services = read_services("compose.demo.yaml", {})
    with ExitStack() as stack:
        changes = {"PORT": web_port, "HOST": "127.0.0.1"}
        changes["DATABASE_URL"] = stack.enter_context(throwaway_postgres())
        for name in ("IMAGEKIT_API_URL", "IMAGEKIT_URL_ENDPOINT"):
            url = services["web"].environ[name]
            changes[name] = url.replace("8001", imagekit_port)
        demo = Deployment(image, services, changes, tmp_path)
        listening = ("--host", "127.0.0.1", "--port", imagekit_port)
        emulator_url = changes["IMAGEKIT_URL_ENDPOINT"]
        stack.enter_context(
            demo.part("imagekit", lambda: _listens(emulator_url), listening)
        )
        done = demo.run("migrate")
        assert done.returncode == 0, done.stderr
        assert "Created an administrator" in done.stdout
        url = f"http://localhost:{web_port}"
        stack.enter_context(demo.part("web", lambda: answers(url)))
        stack.enter_context(demo.part("worker", lambda: True))
        member = Member.sign_up(url)
        with member.http:
            picture = member.upload(caption="Without keys")
            assert picture["url"].startswith(emulator_url)
            assert fetch(picture["url"]).status_code == 200
            member.http.delete(f"/api/v1/images/{picture['id']}/")
        wait_for(lambda: fetch(picture["url"]).status_code == 404)


def _listens(url: str) -> bool:
    try:
        return fetch(url).status_code > 0
    except httpx.TransportError:
        return False
