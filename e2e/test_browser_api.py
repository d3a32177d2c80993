"""The browsable API in a real browser."""

import pytest
from playwright.sync_api import expect

from e2e.api_client import fetch
from e2e.browsing import sign_in_to_browsable_api
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


def test_images__of_nobody_ask_to_sign_in(page):
    page.goto("/api/v1/images/")
    expect(page.locator(".response-info")).to_contain_text("401 Unauthorized")
    page.get_by_role("link", name="Log in").click()
    expect(page.get_by_label("Password")).to_be_visible()
