"""The second factor of staff in a real browser, from set-up to removal."""

import base64
import re

import pytest
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from e2e.api_client import PASSWORD
from e2e.browsing import expect_loaded, sign_in_to_admin, sign_in_to_browsable_api
from e2e.servers import ADMIN_EMAIL, Server, gunicorn_server

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.deep,
    pytest.mark.any_database,
]
HOME = "Site administration"
ASKS = "Enter the code that your authenticator app shows"


def make_staff(page: Page, server: Server, email: str) -> None:
    sign_in_to_admin(page, server)
    page.goto(f"/admin/accounts/user/?q={email}")
    page.locator("#result_list tbody th a").click()
    page.locator("#id_is_staff").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    page.context.clear_cookies()


def sign_in(page: Page, email: str) -> None:
    page.goto("/admin/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def give(page: Page, code: str, button: str) -> None:
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name=button).click()


def set_up(page: Page) -> list[str]:
    """Set a second factor up; return the recovery codes."""
    page.get_by_role("link", name="Second factor").click()
    expect_loaded(page.get_by_alt_text("QR code"), 100)
    secret = page.locator("#secret").inner_text().replace(" ", "")
    give(page, f"{totp(base64.b32decode(secret)):06}", "Set up")
    codes = page.locator("#recovery-codes code")
    expect(codes).to_have_count(10)
    return codes.all_inner_texts()


def test_second_factor__from_set_up_to_removal(
    gunicorn, make_member, page, console_errors
):
    email = make_member(gunicorn).email
    make_staff(page, gunicorn, email)
    sign_in(page, email)
    codes = set_up(page)
    page.get_by_role("link", name="Continue to the admin").click()
    expect(page.get_by_role("heading", name=HOME)).to_be_visible()

    # A new session gives the password at the door of the API, and is asked.
    page.context.clear_cookies()
    sign_in_to_browsable_api(page, email)
    page.goto("/admin/password_change/")
    expect(page.get_by_text(ASKS)).to_be_visible()
    expect(page.get_by_role("link", name="Change password")).to_have_count(0)
    give(page, "000000", "Continue")
    expect(page.get_by_text("The code is wrong")).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_text(ASKS)).to_be_visible()
    # After the wrong code the app's next one has to wait; a recovery code does not.
    give(page, codes[0], "Continue")
    expect(page.get_by_role("heading", name=HOME)).to_be_visible()

    page.get_by_role("link", name="Second factor").click()
    give(page, codes[1], "Remove the second factor")
    expect(page.locator(".messagelist")).to_contain_text("was removed")
    page.context.clear_cookies()
    sign_in(page, email)
    expect(page.get_by_role("heading", name=HOME)).to_be_visible()
    assert console_errors == []


def test_required__staff_are_sent_to_set_it_up_first(
    code, tmp_path, database_url, browser
):
    with gunicorn_server(
        code, tmp_path, database_url, ADMIN_REQUIRE_OTP="true"
    ) as server:
        context = browser.new_context(base_url=server.url)
        page = context.new_page()
        page.goto("/admin/")
        page.get_by_label("E-mail address").fill(ADMIN_EMAIL)
        page.get_by_label("Password").fill(server.admin_password)
        page.get_by_role("button", name="Log in").click()
        expect(page).to_have_url(re.compile("/admin/second-factor/setup/$"))
        page.goto("/admin/accounts/user/")
        expect(page).to_have_url(re.compile("/admin/second-factor/setup/$"))
        context.close()
