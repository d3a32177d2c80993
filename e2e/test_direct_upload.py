"""Direct uploads to ImageKit: from a page of another site, and with a webhook."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.api_client import PASSWORD, Member, fetch
from e2e.browsing import expect_loaded, watch_for_errors
from e2e.examples import EXAMPLES
from e2e.pictures import landscape
from e2e.servers import Server, gunicorn_server
from e2e.sites import serving

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
PATIENCE = 15


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Serve the examples from an origin of their own."""
    with serving(EXAMPLES) as url:
        yield url


@pytest.fixture(scope="module")
def backend(
    code: Path, site: str, tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> Iterator[Server]:
    variables = {"CORS_ALLOWED_ORIGINS": site, "IMAGEKIT_WEBHOOK_SECRET": SECRET}
    folder = tmp_path_factory.mktemp("direct")
    with gunicorn_server(code, folder, database_url, **variables) as it:
        yield it


@pytest.fixture
def member(backend: Server, make_member: Callable[..., Member]) -> Member:
    return make_member(backend)


@pytest.fixture
def page(
    browser: Browser,
    site: str,
    backend: Server,
    member: Member,
    console_errors: list[str],
) -> Iterator[Page]:
    """Open the example, signed in."""
    context = browser.new_context(base_url=site)
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    watch_for_errors(page, console_errors)
    page.goto("/direct-upload.html")
    page.get_by_label("Server").fill(backend.url)
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_have_text("Signed in.")
    yield page
    context.close()


def choose(page: Page, content: bytes) -> None:
    file = {"name": "dunes.jpg", "mimeType": "image/jpeg", "buffer": content}
    page.get_by_label("Picture").set_input_files(file)


def dunes() -> bytes:
    return landscape((250, 180, 90), (120, 60, 110))


@pytest.fixture
def emulator(backend: Server) -> Iterator[httpx.Client]:
    """Return a client with the private key of the emulator."""
    auth = (backend.imagekit["IMAGEKIT_PRIVATE_KEY"], "")
    url = backend.imagekit["IMAGEKIT_API_URL"]
    with httpx.Client(base_url=url, auth=auth, trust_env=False) as client:
        yield client


def files_of(emulator: httpx.Client, member: Member) -> list[str]:
    owner = member.http.get("/api/v1/users/me/").json()["id"]
    files = emulator.get("/v1/files", params={"path": f"/media/{owner}"}).json()
    return [file["filePath"] for file in files]


def test_example__uploads_and_shows_the_picture(page, member, console_errors):
    choose(page, dunes())
    page.get_by_label("Caption").fill("Dunes")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("status")).to_have_text("Done.")
    expect(page.locator("progress")).to_have_js_property("value", 1)
    picture = page.locator("figure img")
    expect_loaded(picture, 100)
    expect(page.locator("figcaption")).to_have_text("Dunes")
    (image,) = member.http.get("/api/v1/images/").json()["results"]
    assert image["renditions"]["srcset"] == picture.get_attribute("srcset")
    assert fetch(image["url"]).status_code == 200
    assert console_errors == []


@pytest.mark.deep
def test_example__cancels(page, member, emulator):
    """Cancel the upload of a large file over a slow line."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send(
        "Network.emulateNetworkConditions", slow | {"uploadThroughput": 50_000}
    )
    choose(page, dunes() + b"\0" * 2_000_000)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_function("document.querySelector('progress').value > 0")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status")).to_have_text("Cancelled.")
    assert page.locator("progress").evaluate("bar => bar.value") < 1
    assert member.count() == 0
    assert files_of(emulator, member) == []


@pytest.mark.deep
def test_example__says_what_is_wrong(page, member, console_errors):
    choose(page, b"not an image")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("status")).to_contain_text("Only images")
    assert member.count() == 0


@pytest.mark.deep
def test_webhook__makes_the_image_of_a_client_that_went_away(backend, member, emulator):
    hook = {"url": f"{backend.url}/webhooks/imagekit/", "secret": SECRET}
    assert emulator.post("/_emulator/webhook", json=hook).status_code == 204
    content = dunes()
    body = {"filename": "a.jpg", "size": len(content), "content_type": "image/jpeg"}
    ticket = member.http.post("/api/v1/uploads/", json=body).json()
    sent = httpx.post(
        ticket["upload_url"],
        data=ticket["fields"],
        files={"file": ("a.jpg", content)},
        trust_env=False,
    )
    assert sent.status_code == 200, sent.text
    url = f"/api/v1/images/{ticket['id']}/"
    deadline = time.monotonic() + PATIENCE
    while (answer := member.http.get(url)).status_code == 404:
        assert time.monotonic() < deadline, emulator.get("/_emulator/webhook").json()
        time.sleep(0.05)
    assert answer.json()["id"] == ticket["id"]
    # When somebody deletes the file at ImageKit, the image is no longer available.
    assert emulator.delete(f"/v1/files/{sent.json()['fileId']}").status_code == 204
    while member.http.get(url).json()["available"]:
        assert time.monotonic() < deadline, emulator.get("/_emulator/webhook").json()
        time.sleep(0.05)
    emulator.delete("/_emulator/webhook")
