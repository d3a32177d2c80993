"""Running servers, people with accounts, and a browser."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from e2e.accessibility import install_axe
from e2e.api_client import Member
from e2e.browsing import CHROMIUM_OPTIONS, watch_for_errors
from e2e.npm import install_tools
from e2e.project_copy import copy_project
from e2e.servers import (
    Server,
    development_server,
    find_chromium,
    gunicorn_server,
    tail,
)

# In milliseconds: a machine that runs many tests at once may pause for seconds.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Add the end of the server's log to the report of a failure."""
    report = yield
    if report.failed:
        used = getattr(item, "funcargs", {}).values()
        for server in {id(s): s for s in used if isinstance(s, Server)}.values():
            report.sections.append((f"log of {server.url}", tail(server.log)))
    return report


@pytest.fixture(scope="session")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project; the servers run the copy."""
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def gunicorn(
    code: Path, tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("gunicorn")
    with gunicorn_server(code, folder, database_url) as server:
        yield server


@pytest.fixture(scope="session")
def runserver(
    code: Path, tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("runserver")
    with development_server(code, folder, database_url) as server:
        yield server


# The development server differs in how it reads and answers, not in its database.
_RUNSERVER_MARKS = (pytest.mark.deep, pytest.mark.any_database)
_SERVERS = ["gunicorn", pytest.param("runserver", marks=_RUNSERVER_MARKS)]


@pytest.fixture(scope="session", params=_SERVERS)
def server(request: pytest.FixtureRequest, database_url: str) -> Server:
    """Each of the two servers in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def make_member() -> Iterator[Callable[..., Member]]:
    """Sign people up; their connections are closed at the end."""
    with ExitStack() as stack:

        def make(server: Server, name: str = "ann") -> Member:
            member = Member.sign_up(server.url, name)
            stack.enter_context(member.http)
            return member

        yield make


@pytest.fixture
def member(server: Server, make_member: Callable[..., Member]) -> Member:
    return make_member(server)


@pytest.fixture(scope="session")
def tools(request: pytest.FixtureRequest) -> Path:
    """Install programs from npm into a folder that is kept, but not in git."""
    folder = request.config.cache.mkdir("openapi_tools")
    install_tools(folder)
    return folder


# For a module, not for the session: Playwright runs an event loop in this thread, and
# there Django refuses to use the database, which other tests need.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = find_chromium()
    if program is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=CHROMIUM_OPTIONS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node is not installed")
    return install_axe(request.config.cache.mkdir("e2e_axe"))


@pytest.fixture
def console_errors() -> list[str]:
    """Return a list, to which `page` adds the errors of its pages."""
    return []


@pytest.fixture
def page(
    browser: Browser, gunicorn: Server, console_errors: list[str]
) -> Iterator[Page]:
    """Open a window without cookies, for the pages of gunicorn."""
    context = browser.new_context(
        base_url=gunicorn.url, viewport={"width": 1280, "height": 800}
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    watch_for_errors(page, console_errors)
    yield page
    context.close()
