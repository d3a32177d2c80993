"""Swagger UI and ReDoc in a real browser."""

import pytest
from playwright.sync_api import expect

from e2e.browsing import authorize_in_swagger, field_of, try_operation
from e2e.pictures import landscape

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]

CAPTION = "A lake, sent from Swagger UI"


def test_docs__authorize_upload_and_list(gunicorn, make_member, page, console_errors):
    member = make_member(gunicorn)
    authorize_in_swagger(page, member.email)

    upload = try_operation(page, "post", "/api/v1/images/")
    upload.locator("input[type=file]").set_input_files(
        {
            "name": "lake.jpg",
            "mimeType": "image/jpeg",
            "buffer": landscape((120, 180, 240), (30, 70, 120)),
        }
    )
    field_of(upload, "caption").fill(CAPTION)
    upload.get_by_role("button", name="Execute").click()
    answer = upload.locator(".live-responses-table")
    expect(answer.locator(".response .response-col_status")).to_contain_text("201")
    expect(answer).to_contain_text(CAPTION)

    listing = try_operation(page, "get", "/api/v1/images/")
    listing.get_by_role("button", name="Execute").click()
    answer = listing.locator(".live-responses-table")
    expect(answer.locator(".response .response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text(CAPTION)
    assert member.count() == 1
    assert console_errors == []


@pytest.mark.deep
def test_docs__upload_without_authorization_shows_the_error(page):
    page.goto("/docs")
    listing = try_operation(page, "get", "/api/v1/images/")
    listing.get_by_role("button", name="Execute").click()
    answer = listing.locator(".live-responses-table")
    expect(answer.locator(".response .response-col_status")).to_contain_text("401")
    expect(answer).to_contain_text("not_authenticated")


@pytest.mark.deep
def test_docs__authorize_asks_for_email_and_password_only(page):
    page.goto("/docs")
    page.get_by_role("button", name="Authorize").first.click()
    fields = page.locator(".modal-ux").locator("input, select")
    seen = [field.get_attribute("id") for field in fields.all() if field.is_visible()]
    assert seen == ["oauth_username", "oauth_password"]
    expect(page.locator("#oauth_password")).to_be_in_viewport()


@pytest.mark.deep
def test_docs__fill_in_examples(page):
    page.goto("/docs")
    expect(page.locator(".opblock").first).to_be_visible()
    for operation in page.locator(".opblock").all():
        operation.locator(".opblock-summary").click()
        operation.get_by_role("button", name="Try it out").click()
        for field in operation.locator("input[type=text], textarea").all():
            value = field.input_value()
            assert "string" not in value, operation.inner_text()[:80]
        operation.locator(".opblock-summary").click()


@pytest.mark.deep
def test_docs__link_to_a_sample_that_can_be_uploaded(page, gunicorn, make_member):
    member = make_member(gunicorn)
    authorize_in_swagger(page, member.email)
    upload = try_operation(page, "post", "/api/v1/images/")
    with page.context.expect_page() as opened:
        upload.get_by_role("link", name="this one").click()
    sample = page.request.get(opened.value.url)
    assert sample.headers["content-type"] == "image/jpeg"
    picture = {"name": "sample.jpg", "mimeType": "image/jpeg", "buffer": sample.body()}
    upload.locator("input[type=file]").set_input_files(picture)
    upload.get_by_role("button", name="Execute").click()
    status = upload.locator(".live-responses-table .response .response-col_status")
    expect(status).to_contain_text("201")


@pytest.mark.deep
def test_docs__propose_the_default_visibility(page):
    page.goto("/docs")
    upload = try_operation(page, "post", "/api/v1/images/")
    expect(field_of(upload, "visibility")).to_have_value("unlisted")


@pytest.mark.deep
def test_redoc__renders_the_document(page, console_errors):
    page.goto("/redoc")
    expect(page.get_by_role("heading", name="mediabackend").first).to_be_visible()
    expect(page.get_by_role("heading", name="Upload an image")).to_be_visible()
    assert console_errors == []


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_assets__come_from_this_server(page, gunicorn, path):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path, wait_until="networkidle")
    foreign = [
        url for url in asked if not url.startswith((gunicorn.url, "data:", "blob:"))
    ]
    assert foreign == []


def test_schema__is_offered_as_json(page):
    answer = page.request.get("/api/schema/", headers={"Accept": "application/json"})
    assert "/api/v1/images/" in answer.json()["paths"]
