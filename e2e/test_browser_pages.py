"""The landing page and the pages about accounts: at each width, light and dark."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.accessibility import all_findings, width_of
from e2e.api_client import PASSWORD
from e2e.browsing import sign_in_to_admin
from e2e.mails import link_to

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]
WIDTHS = (1280, 1024, 390)
_SEND_TOO_MUCH = """() => {
    const form = Object.assign(document.createElement("form"), {method: "post"});
    form.append(Object.assign(document.createElement("textarea"), {name: "much"}));
    form.firstChild.value = "x".repeat(1100000);
    document.body.append(form);
    form.submit();
}"""
Look = Callable[[str], None]


@pytest.fixture
def found() -> list[str]:
    """Return a list, to which `look` adds what is wrong."""
    return []


@pytest.fixture
def look(page: Page, axe: str, found: list[str]) -> Look:
    """Return a check with axe at each width, light and dark, for sideways scrolling."""

    def look_at(name: str) -> None:
        for scheme in ("light", "dark"):
            # Colours that are still moving have no contrast yet.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                complaints = all_findings(page, axe)
                wide = width_of(page)
                if wide > width:
                    complaints.append(f"{wide} px wide")
                found.extend(f"{name}, {scheme}, {width}: {c}" for c in complaints)

    return look_at


def log_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.deep
def test_pages__have_no_barriers(gunicorn, make_member, page, look, found):
    member = make_member(gunicorn)
    for path in ("/", "/accounts/reset/sent/", "/admin/login/"):
        page.goto(path)
        look(path)
    page.goto("/accounts/")
    look("sign-in")
    log_in(page, member.email, "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    look("sign-in with an error")
    log_in(page, member.email)
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    look("account")
    page.goto("/accounts/reset/")
    look("reset")
    page.locator("form").evaluate("form => { form.noValidate = true }")
    page.get_by_label("E-mail address").fill("no email")
    page.get_by_role("button", name="Send the link").click()
    expect(page.locator(".errorlist")).to_be_visible()
    look("reset with an error")
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_role("button", name="Send the link").click()
    page.goto(link_to(gunicorn, member.email, "Set a new password"))
    look("new password")
    page.goto("/accounts/verify/x/x/")
    look("broken link")
    page.evaluate(_SEND_TOO_MUCH)
    expect(page.get_by_role("heading", name="413")).to_be_visible()
    look("error")
    assert not found, "\n".join(found)


def test_pages__have_the_name_and_the_url_of_the_service(gunicorn, page):
    for path in ("/", "/accounts/reset/", "/admin/"):
        page.goto(path)
        foot = page.get_by_role("contentinfo")
        expect(foot).to_contain_text(f"mediabackend · {gunicorn.url}")
        expect(page.get_by_role("banner")).to_contain_text("mediabackend")


def test_password__has_its_rules_and_its_errors_at_its_field(
    gunicorn, make_member, page
):
    member = make_member(gunicorn)
    page.goto("/admin/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(member.email)
    page.get_by_role("button", name="Send the link").click()
    page.goto(link_to(gunicorn, member.email, "Set a new password"))
    first = page.get_by_label("New password:", exact=True)
    expect(first).to_have_accessible_description(re.compile("at least 8 characters"))
    first.fill("password123")
    page.get_by_label("New password confirmation").fill("password123")
    page.keyboard.press("Enter")
    expect(first).to_have_accessible_description(re.compile("too common"))
    expect(first).to_have_attribute("aria-invalid", "true")
    again = page.get_by_label("New password confirmation")
    expect(again).not_to_have_attribute("aria-invalid", "true")
    expect(page).to_have_title(re.compile("^Error: "))


def test_account__by_keyboard_ends_a_sign_in_and_exports(
    gunicorn, make_member, page, console_errors
):
    member = make_member(gunicorn)
    page.goto("/accounts/reset/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.goto("/accounts/")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(member.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("python-httpx")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download your data").press("Enter")
    assert download.value.suggested_filename == "export.zip"
    page.get_by_role("button", name="End the sign-in").press("Enter")
    expect(page.get_by_role("status")).to_have_text("The sign-in has ended.")
    assert member.http.get("/api/v1/users/me/").status_code == 401
    page.get_by_role("button", name="Sign out everywhere").press("Enter")
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    page.goto("/accounts/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert console_errors == []


def test_focus__is_visible_everywhere(gunicorn, page):
    """Each stop of the Tab key has an outline."""
    page.goto("/")
    for _ in range(page.locator("a").count()):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"


@pytest.mark.parametrize("path", ["/", "/admin/"])
def test_motion__is_left_out_for_those_who_ask(gunicorn, page, path):
    sign_in_to_admin(page, gunicorn)
    page.emulate_media(reduced_motion="reduce")
    page.goto(path)
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter((e) => {
        const style = getComputedStyle(e);
        return style.scrollBehavior === "smooth" || style.animationName !== "none"
            || style.transitionDuration.split(", ").some((t) => parseFloat(t) > 0);
    }).map((e) => e.outerHTML.slice(0, 80))""")
    assert moving == []
