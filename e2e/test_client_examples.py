"""The examples of docs/clients.md, run as they stand there."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from e2e.api_client import PASSWORD, Member, new_email
from e2e.npm import run
from e2e.pictures import WARM, quarters
from e2e.servers import Server
from e2e.sites import serving

pytestmark = [pytest.mark.e2e, pytest.mark.deep, pytest.mark.any_database]
ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = str(ROOT / "docs/openapi.yaml")
UV = str(Path(sys.executable).parent / "uv")
NAMED = re.compile(r"```\w+\n((?://|#|<!--) ([\w-]+\.\w+).*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the examples and a picture."""
    folder = tmp_path_factory.mktemp("clients")
    for code, name in NAMED.findall((ROOT / "docs/clients.md").read_text()):
        (folder / name).write_text(code)
    (folder / "dunes.jpg").write_bytes(quarters(WARM, (320, 240)))
    return folder


@pytest.fixture(scope="module")
def with_packages(folder: Path, tools: Path) -> Path:
    """Install the package, and compile the examples in TypeScript."""
    package = ROOT / "clients/typescript"
    (folder / "node_modules").mkdir()
    for installed in (tools / "node_modules").iterdir():
        (folder / "node_modules" / installed.name).symlink_to(installed)
    bin_ = folder / "node_modules/.bin"
    own = folder / "node_modules/mediabackend"
    own.mkdir()
    (own / "package.json").write_text((package / "package.json").read_text())
    run(
        *(str(bin_ / "tsc"), "--project", str(package)),
        *("--outDir", str(own / "dist")),
        folder=folder,
    )
    run(*(str(bin_ / "openapi-typescript"), DOCUMENT, "-o", "schema.ts"), folder=folder)
    (folder / "package.json").write_text('{"type": "module"}')
    run(
        *(str(bin_ / "tsc"), "--strict", "--target", "es2022", "--module", "nodenext"),
        *("--types", "node", "--skipLibCheck", "node-upload.mts", "fetch-upload.mts"),
        folder=folder,
    )
    (folder / "dist").symlink_to(own / "dist")
    return folder


@pytest.fixture
def member(gunicorn: Server, make_member: Callable[..., Member]) -> Member:
    return make_member(gunicorn)


@pytest.fixture
def upload(gunicorn: Server, folder: Path, member: Member) -> Iterator[Callable]:
    """Run a program with a picture; afterwards the image must be there."""

    def run_example(*command: str) -> str:
        account = {"SERVER": gunicorn.url, "EMAIL": member.email, "PASSWORD": PASSWORD}
        done = subprocess.run(
            [*command, "dunes.jpg"],
            cwd=folder,
            env={**os.environ, **account},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    yield run_example
    (image,) = member.http.get("/api/v1/images/").json()["results"]
    assert image["caption"] == "Dunes"


def test_sign_up(gunicorn, folder):
    account = {"EMAIL": new_email("ann"), "PASSWORD": PASSWORD, "SERVER": gunicorn.url}
    done = subprocess.run(
        ["bash", "-e", "sign-up.sh"],
        cwd=folder,
        env={**os.environ, **account},
        capture_output=True,
        text=True,
    )
    assert account["EMAIL"] in done.stdout


@pytest.mark.parametrize("name", ["node-upload.mjs", "fetch-upload.mjs"])
def test_node(with_packages, upload, name):
    assert "http" in upload("node", name)


def test_node__shows_the_error(with_packages, gunicorn, folder):
    account = {"SERVER": gunicorn.url, "EMAIL": "no@example.com", "PASSWORD": "wrong"}
    done = subprocess.run(
        ["node", "node-upload.mjs", "dunes.jpg"],
        cwd=folder,
        env={**os.environ, **account},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("no_active_account ")


def test_httpx(upload):
    assert "Dunes" in upload(sys.executable, "httpx_upload.py")


def test_python_client(folder, upload):
    run(
        *(UV, "tool", "run", "--from", "openapi-python-client==0.29.1"),
        *("openapi-python-client", "generate", "--path", DOCUMENT),
        *("--meta", "none", "--output-path", "client"),
        folder=folder,
        timeout=300,
    )
    needed = ["--with", "httpx", "--with", "attrs", "--with", "python-dateutil"]
    command = (UV, "run", "--no-project", "--python", sys.executable, *needed)
    assert "Dunes" in upload(*command, "python", "generated_upload.py")


def test_curl(upload):
    assert '"count":1' in upload("bash", "-eo", "pipefail", "curl-upload.sh")


def test_httpie(upload):
    shell = ("bash", "-eo", "pipefail", "httpie-upload.sh")
    printed = upload(UV, "tool", "run", "--from", "httpie==3.2.4", *shell)
    assert '"count"' in printed


@pytest.mark.browser
def test_browser(with_packages, browser: Browser, gunicorn, member):
    with serving(with_packages) as site:
        page = browser.new_context(base_url=site).new_page()
        page.goto("/browser.html")
        page.get_by_placeholder("Server").fill(gunicorn.url)
        page.get_by_placeholder("Email").fill(member.email)
        page.get_by_placeholder("Password").fill(PASSWORD)
        page.locator("[name=file]").set_input_files(with_packages / "dunes.jpg")
        page.get_by_role("button", name="Upload").click()
        expect(page.locator("output")).to_have_text("Done.")
        expect(page.get_by_role("img", name="Dunes")).to_be_visible()
        assert page.evaluate("JSON.parse(localStorage.tokens).refresh.length > 100")
        page.context.close()
    assert member.count() == 1
