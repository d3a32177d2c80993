"""The links of mails in a real browser: reset, verification, a new email."""

import pytest
from playwright.sync_api import Page, expect

from e2e.api_client import PASSWORD, new_email, open_client
from e2e.mails import link_to

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]
NEW = "violet-harbour-lamp-77"


def sign_in_with(page: Page, email: str, password: str) -> None:
    page.goto("/api-auth/login/?next=/api/v1/images/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_reset__from_the_sign_in_page_to_a_new_sign_in(
    gunicorn, make_member, page, console_errors
):
    member = make_member(gunicorn)
    page.goto("/api-auth/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", name="Check your e-mail")).to_be_visible()

    link = link_to(gunicorn, member.email, "Set a new password")
    requested: list[str] = []
    page.on("request", lambda r: requested.append(r.headers.get("referer", "")))
    page.goto(link)
    token = link.rstrip("/").split("/")[-1]
    assert token not in page.url
    page.get_by_label("New password:", exact=True).fill("password123")
    page.get_by_label("New password confirmation").fill("password123")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("This password is too common.")).to_be_visible()
    page.get_by_label("New password:", exact=True).fill(NEW)
    page.get_by_label("New password confirmation").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(
        page.get_by_role("heading", name="Your password was changed")
    ).to_be_visible()
    assert not any(token in referrer for referrer in requested)

    assert member.http.get("/api/v1/users/me/").status_code == 401
    sign_in_with(page, member.email, PASSWORD)
    expect(page.get_by_text("Please enter a correct e-mail address")).to_be_visible()
    sign_in_with(page, member.email, NEW)
    expect(page).to_have_url("/api/v1/images/")
    assert console_errors == []

    # This comes last, because browsers report error answers in the console.
    page.goto(link)
    expect(page.get_by_role("heading", name="does not work")).to_be_visible()


def test_reset__works_without_javascript(browser, gunicorn, make_member):
    member = make_member(gunicorn)
    with open_client(gunicorn.url) as http:
        http.post("/api/v1/auth/password/reset/", json={"email": member.email})
    context = browser.new_context(base_url=gunicorn.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(link_to(gunicorn, member.email, "Set a new password"))
    page.get_by_label("New password:", exact=True).fill(NEW)
    page.get_by_label("New password confirmation").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(
        page.get_by_role("heading", name="Your password was changed")
    ).to_be_visible()
    context.close()


def test_verification__takes_a_button_and_not_only_a_visit(
    gunicorn, make_member, page, console_errors
):
    member = make_member(gunicorn)
    page.goto(link_to(gunicorn, member.email, "Confirm your e-mail address"))
    assert not member.http.get("/api/v1/users/me/").json()["email_verified"]
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your e-mail address is confirmed.")).to_be_visible()
    assert member.http.get("/api/v1/users/me/").json()["email_verified"]
    assert console_errors == []


def test_new_email__is_confirmed_by_the_link_to_it(
    gunicorn, make_member, page, console_errors
):
    member, email = make_member(gunicorn), new_email("moved")
    body = {"new_email": email, "password": PASSWORD}
    answer = member.http.post("/api/v1/auth/email/change/", json=body)
    assert answer.status_code == 202
    page.goto(link_to(gunicorn, email, "Confirm your new e-mail address"))
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Your e-mail address is confirmed.")).to_be_visible()
    assert member.http.get("/api/v1/users/me/").json()["email"] == email
    assert console_errors == []
