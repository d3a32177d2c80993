"""Steps of moderators, and of people who report images."""

import httpx
from playwright.sync_api import Page, expect

from e2e.api_client import PASSWORD, Member
from e2e.browsing import sign_in_to_admin
from e2e.servers import Server

QUEUE = "/admin/images/decision/queue/"
STATISTICS = "/admin/images/decision/statistics/"


def make_moderator(page: Page, server: Server, email: str, name: str = "Mo") -> None:
    """Make an account a moderator, through the pages of the admin."""
    sign_in_to_admin(page, server)
    page.goto(f"/admin/accounts/user/?q={email}")
    page.locator("#result_list tbody th a").click()
    page.locator("#id_display_name").fill(name)
    page.locator("#id_is_staff").check()
    page.locator("#id_groups_from").select_option(label="Moderators")
    page.locator("#id_groups_add, #id_groups_add_link").first.click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    page.context.clear_cookies()


def sign_in_as_moderator(page: Page, email: str) -> None:
    page.goto(QUEUE)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Queue", level=1)).to_be_visible()


def report(by: Member, image: dict, reason: str, details: str = "") -> httpx.Response:
    body = {"reason": reason, "details": details}
    return by.http.post(f"/api/v1/images/{image['id']}/report/", json=body)
