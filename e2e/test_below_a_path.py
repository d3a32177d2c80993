"""A site at /media of its host: gunicorn behind nginx, and the development server."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from e2e.api_client import Member, fetch, open_client
from e2e.browsing import (
    authorize_in_swagger,
    sign_in_to_admin,
    try_operation,
    watch_for_errors,
)
from e2e.conftest import PATIENCE
from e2e.mails import link_to
from e2e.nginx import find_nginx, nginx
from e2e.pictures import quarters
from e2e.servers import Server, development_server, gunicorn_server

pytestmark = [pytest.mark.e2e, pytest.mark.deep, pytest.mark.any_database]
NEW = "violet-harbour-lamp-77"


@pytest.fixture(scope="module")
def instance(code: Path, tmp_path_factory, database_url) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("instance")
    with gunicorn_server(code, folder, database_url, SCRIPT_NAME="/media") as server:
        yield server


@pytest.fixture(scope="module")
def behind_nginx(instance: Server, tmp_path_factory) -> Iterator[Server]:
    """Return the site by its public URL, http://…/media."""
    if find_nginx() is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    with nginx(folder, [instance.url] * 2, "/media") as proxy:
        yield replace(instance, url=proxy.url)


@pytest.fixture(scope="module")
def on_a_laptop(code: Path, tmp_path_factory, database_url) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("laptop")
    with development_server(code, folder, database_url, SCRIPT_NAME="/media") as server:
        yield replace(server, url=f"{server.url}/media")


@pytest.fixture(params=["behind_nginx", "on_a_laptop"])
def site(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


@pytest.fixture
def window(browser, behind_nginx: Server, console_errors) -> Iterator[Page]:
    context = browser.new_context(base_url=f"{behind_nginx.url}/")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    watch_for_errors(page, console_errors)
    yield page
    context.close()


def test_api__links_to_itself(site, make_member):
    member: Member = make_member(site)
    answers = [member.post() for _ in range(3)]
    for answer in answers:
        image = answer.json()
        assert answer.headers["Location"] == f"{site.url}/api/v1/images/{image['id']}/"
        assert member.http.get(answer.headers["Location"]).json()["id"] == image["id"]
        assert fetch(image["url"]).headers["Content-Type"] == "image/jpeg"
    page = member.http.get("/api/v1/images/", params={"page_size": 2}).json()
    assert page["next"].startswith(f"{site.url}/api/v1/images/?")
    assert len(member.http.get(page["next"]).json()["results"]) == 1
    links = member.http.get("/api/v1/", headers={"Accept": "application/json"}).json()
    assert all(link.startswith(f"{site.url}/api/v1/") for link in links.values())


def test_direct_upload__arrives(site, make_member):
    member: Member = make_member(site)
    content = quarters()
    file = {"filename": "a.jpg", "size": len(content), "content_type": "image/jpeg"}
    ticket = member.http.post("/api/v1/uploads/", json=file).json()
    form = {"files": {"file": ("a.jpg", content, "image/jpeg")}, "timeout": 30}
    sent = httpx.post(
        ticket["upload_url"], data=ticket["fields"], trust_env=False, **form
    )
    done = {"file_id": sent.json()["fileId"]}
    answer = member.http.post(f"/api/v1/uploads/{ticket['id']}/complete/", json=done)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].startswith(f"{site.url}/api/v1/images/")
    assert fetch(answer.json()["url"]).status_code == 200


def test_pages__and_all_that_they_load_work(site):
    with open_client(site.url, Accept="text/html") as http:
        for path in ("", "docs", "redoc", "admin/login/", "api/v1/", "accounts/reset/"):
            page = http.get(path)
            assert page.status_code == 200, path
            local = re.findall(r'(?:href|src|action)="(/[^"#]*)"', page.text)
            assert local, path
            for url in local:
                assert url.startswith("/media/"), (path, url)
                loaded = httpx.get(httpx.URL(site.url).join(url), trust_env=False)
                assert loaded.status_code < 400, (path, url)


def test_openapi__names_the_path(site):
    with open_client(site.url) as http:
        schema = http.get("/api/schema/", params={"format": "json"}).json()
    assert schema["servers"] == [{"url": "/media"}]
    assert "/api/v1/images/" in schema["paths"]
    bearer = schema["components"]["securitySchemes"]["bearer"]
    assert bearer["flows"]["password"]["tokenUrl"] == "/media/api/v1/auth/login/"


def test_errors__of_the_api_are_json(site):
    with open_client(site.url) as http:
        too_large = http.post("/api/v1/auth/token/", content=bytes(1_100_000))
        assert too_large.status_code == 413
        assert too_large.json()["type"] == "client_error"
        assert http.get("/api/v1/feed").headers["Location"] == "/media/api/v1/feed/"
        missed = http.post("/api/v1/images").json()["errors"][0]["detail"]
        assert missed.endswith(": /media/api/v1/images/")
        redirect = http.get("/accounts/reset").headers["Location"]
        assert redirect == "/media/accounts/reset/"


def test_mail__leads_to_our_page(behind_nginx, make_member, window, console_errors):
    member = make_member(behind_nginx)
    verification = link_to(behind_nginx, member.email, "Confirm your e-mail address")
    assert verification.startswith(f"{behind_nginx.url}/accounts/verify/")
    window.goto("accounts/reset/")
    window.get_by_label("E-mail address").fill(member.email)
    window.get_by_role("button", name="Send the link").click()
    expect(window.get_by_role("heading", name="Check your e-mail")).to_be_visible()
    link = link_to(behind_nginx, member.email, "Set a new password")
    assert link.startswith(f"{behind_nginx.url}/accounts/reset/")
    window.goto(link)
    window.get_by_label("New password:", exact=True).fill(NEW)
    window.get_by_label("New password confirmation").fill(NEW)
    window.get_by_role("button", name="Set the password").click()
    heading = window.get_by_role("heading", name="Your password was changed")
    expect(heading).to_be_visible()
    assert console_errors == []


def test_admin__and_its_cookies(behind_nginx, window, console_errors):
    # Those of another Django site, at the root of the host.
    root = str(httpx.URL(behind_nginx.url).join("/"))
    names = ("sessionid", "csrftoken")
    window.context.add_cookies(
        [{"name": name, "value": "x" * 32, "url": root} for name in names]
    )
    sign_in_to_admin(window, behind_nginx)
    window.get_by_role("link", name="Users").first.click()
    expect(window).to_have_url(f"{behind_nginx.url}/admin/accounts/user/")
    window.locator("#result_list tbody th a").first.click()
    window.get_by_role("button", name="Save", exact=True).click()
    expect(window.locator(".messagelist")).to_contain_text("changed successfully")
    ours = {c["name"]: c["path"] for c in window.context.cookies() if c["path"] != "/"}
    assert ours == {"sessionid_media": "/media/", "csrftoken_media": "/media/"}
    window.get_by_role("link", name="View site").click()
    expect(window).to_have_url(re.compile(rf"{re.escape(behind_nginx.url)}/?$"))
    assert console_errors == []


def test_swagger__calls_the_api(behind_nginx, make_member, window, console_errors):
    authorize_in_swagger(window, make_member(behind_nginx).email)
    listing = try_operation(window, "get", "/api/v1/images/")
    listing.get_by_role("button", name="Execute").click()
    answer = listing.locator(".live-responses-table")
    expect(answer.locator(".response .response-col_status")).to_contain_text("200")
    window.goto("redoc")
    expect(window.get_by_role("heading", name="mediabackend").first).to_be_visible()
    assert console_errors == []


@pytest.mark.parametrize(
    "path",
    ["/", "/api/v1/feed/", "/mediax/healthz", "/MEDIA/", "/static/", "//media"],
)
def test_elsewhere__is_nothing(instance, path):
    answer = httpx.get(f"{instance.url}{path}", trust_env=False)
    assert answer.status_code == 404
    assert "Traceback" not in instance.log.read_text()


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/media/healthz", "/media"])
def test_probe__needs_no_path(instance, path):
    assert httpx.get(f"{instance.url}{path}", trust_env=False).status_code == 200


@pytest.mark.parametrize("prefix", ["/media", ""], ids=["below a path", "at the root"])
@pytest.mark.parametrize(
    "header",
    ["SCRIPT_NAME", "Script-Name", "X-Script-Name", "X-Forwarded-Prefix", "PATH_INFO"],
)
def test_header__does_not_change_the_path(request, prefix, header):
    """Ask gunicorn itself, as nginx would drop some of them."""
    server = request.getfixturevalue("instance" if prefix else "gunicorn")
    with open_client(server.url) as http:
        path = f"{prefix}/api/v1/?format=json"
        answer = http.get(path, headers={header: "/evil", "Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["images"] == f"{server.url}{prefix}/api/v1/images/"
