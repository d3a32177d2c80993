"""The browsable API in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from e2e.accessibility import all_findings, width_of
from e2e.api_client import fetch
from e2e.browsing import expect_loaded, sign_in_to_browsable_api
from e2e.pictures import landscape

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]

CAPTION = "Dunes, seen from the form"


def test_upload__through_the_html_form(gunicorn, make_member, page, console_errors):
    member = make_member(gunicorn)
    sign_in_to_browsable_api(page, member.email)
    form = page.locator("form[enctype='multipart/form-data']").first
    form.locator("input[name=file]").set_input_files(
        {
            "name": "dunes.jpg",
            "mimeType": "image/jpeg",
            "buffer": landscape((250, 180, 90), (120, 60, 110)),
        }
    )
    form.locator("[name=caption]").fill(CAPTION)
    form.get_by_role("button", name="POST").click()
    answer = page.locator(".response-info")
    expect(answer).to_contain_text("201 Created")
    expect(answer).to_contain_text(CAPTION)
    link = answer.locator("a[href*='.jpg']").first.get_attribute("href")
    assert fetch(link).status_code == 200
    assert member.count() == 1
    assert console_errors == []


def test_form__proposes_the_default_visibility(gunicorn, make_member, page):
    sign_in_to_browsable_api(page, make_member(gunicorn).email)
    form = page.locator("form[enctype='multipart/form-data']").first
    expect(form.locator("[name=visibility]")).to_have_value("unlisted")


def test_upload__of_no_image_is_explained_in_the_page(gunicorn, make_member, page):
    sign_in_to_browsable_api(page, make_member(gunicorn).email)
    form = page.locator("form[enctype='multipart/form-data']").first
    form.locator("input[name=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"not an image"}
    )
    form.get_by_role("button", name="POST").click()
    answer = page.locator(".response-info")
    expect(answer).to_contain_text("400 Bad Request")
    expect(answer).to_contain_text("invalid_image")


def test_error__stands_at_its_field_and_the_rest_is_kept(gunicorn, make_member, page):
    sign_in_to_browsable_api(page, make_member(gunicorn).email)
    form = page.locator("form[enctype='multipart/form-data']").first
    form.get_by_label("Caption").fill(CAPTION)
    form.get_by_role("button", name="POST").click()
    expect(page.get_by_label("File")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("File")).to_have_accessible_description(
        re.compile("not a file")
    )
    expect(page.get_by_label("Caption")).to_have_value(CAPTION)


def test_image__has_its_picture_and_the_way_back(
    gunicorn, make_member, page, console_errors
):
    member = make_member(gunicorn)
    for caption in ("One", CAPTION):
        member.upload(landscape((250, 180, 90), (120, 60, 110)), caption=caption)
    sign_in_to_browsable_api(page, member.email)
    thumbnail = page.get_by_role("img", name=CAPTION)
    expect_loaded(thumbnail, 96)
    thumbnail.click()
    expect(page.get_by_role("heading", name="Image")).to_be_visible()
    expect_loaded(page.get_by_role("img", name=CAPTION), 100)
    expect(page.get_by_text("Send JSON to change texts and visibility")).to_be_visible()
    crumbs = page.get_by_role("navigation", name="Breadcrumbs")
    expect(crumbs.get_by_role("listitem")).to_have_text(["API", "Images", "Image"])
    crumbs.get_by_role("link", name="Images").click()
    expect(page).to_have_url("/api/v1/images/")
    assert console_errors == []


@pytest.mark.deep
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages__fit_and_have_no_barriers(gunicorn, make_member, page, axe, scheme):
    member = make_member(gunicorn)
    image = member.upload(landscape((1, 2, 3), (4, 5, 6)), caption="word" * 100)
    page.emulate_media(color_scheme=scheme)
    found: list[str] = []

    def look(name: str) -> None:
        for width in (1280, 1024, 390):
            page.set_viewport_size({"width": width, "height": 800})
            too_wide = ["too wide"] if width_of(page) > width else []
            complaints = too_wide + all_findings(page, axe)
            found.extend(f"{name}, {width}: {text}" for text in complaints)

    for path in ("/api-auth/login/", "/api/v1/images/", "/api/v1/auth/token/"):
        page.goto(path)
        look(path)
    sign_in_to_browsable_api(page, member.email)
    for path in ("", "images/", f"images/{image['id']}/", "feed/", "users/me/"):
        page.goto(f"/api/v1/{path}")
        look(path)
    page.goto("/api/v1/images/")
    page.locator("form[enctype]").get_by_role("button", name="POST").click()
    expect(page.get_by_label("File")).to_have_attribute("aria-invalid", "true")
    look("errors")
    assert not found, "\n".join(found)


def test_images__of_nobody_ask_to_sign_in(page):
    page.goto("/api/v1/images/")
    expect(page.locator(".response-info")).to_contain_text("401 Unauthorized")
    page.get_by_role("link", name="Log in").click()
    expect(page.get_by_label("Password")).to_be_visible()
