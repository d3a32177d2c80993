"""An invitation in a real browser, from the admin to an account."""

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.accessibility import all_findings, install_axe
from e2e.api_client import PASSWORD, new_email, open_client
from e2e.browsing import run_action, sign_in_to_admin
from e2e.mails import link_to
from e2e.servers import Server

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]


def fill_in(page: Page, email: str = "") -> None:
    if email:
        page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password:", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()


def profile_of(server: Server, email: str) -> dict[str, object]:
    credentials = {"email": email, "password": PASSWORD}
    with open_client(server.url) as http:
        answer = http.post("/api/v1/auth/token/", json=credentials)
        assert answer.status_code == 200, answer.text
        token = f"Bearer {answer.json()['access']}"
        profile = http.get("/api/v1/users/me/", headers={"Authorization": token})
    return profile.json()


def test_invitation__by_mail_becomes_a_verified_account(
    gunicorn, page, console_errors, request
):
    email = new_email("invited")
    sign_in_to_admin(page, gunicorn)
    page.goto("/admin/accounts/invitation/add/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Mail the link").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("added successfully")

    link = link_to(gunicorn, email, "You are invited")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(link)
    assert link.rstrip("/").split("/")[-1] not in page.url
    axe = install_axe(request.config.cache.mkdir("e2e_axe"))
    assert all_findings(page, axe) == []
    expect(page.get_by_label("E-mail address")).to_have_value(email)
    fill_in(page)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    assert profile_of(gunicorn, email)["email_verified"]
    assert console_errors == []


@pytest.mark.deep
def test_invitation__is_passed_on_by_staff_and_revoked(
    browser: Browser, gunicorn: Server, page: Page, console_errors: list[str]
):
    sign_in_to_admin(page, gunicorn)
    links = []
    for _ in range(2):
        page.goto("/admin/accounts/invitation/add/")
        page.get_by_role("button", name="Save", exact=True).click()
        links.append(page.locator("#invitation-link").inner_text())
    page.get_by_role("link", name="Back to the invitations").click()
    # The newest one.
    page.locator("#result_list tbody tr").first.get_by_role("checkbox").check()
    run_action(page, "Revoke the selected invitations")
    expect(page.locator(".messagelist")).to_contain_text("Revoked 1")
    assert console_errors == []

    email = new_email("invited")
    context = browser.new_context(java_script_enabled=False)
    guest = context.new_page()
    guest.goto(links[1])
    expect(guest.get_by_role("heading", name="does not work")).to_be_visible()
    guest.goto(links[0])
    fill_in(guest, email)
    expect(guest.get_by_role("heading", name="Thank you")).to_be_visible()
    context.close()
    assert not profile_of(gunicorn, email)["email_verified"]
