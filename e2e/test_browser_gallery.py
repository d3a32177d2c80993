"""The gallery of `examples/gallery` in a real browser."""

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e.accessibility import all_findings, install_axe, width_of
from e2e.api_client import PASSWORD, new_email
from e2e.browsing import expect_loaded
from e2e.pictures import landscape

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]

PICTURE = landscape((120, 135, 190), (40, 60, 100))
# A file dropped with the mouse, as the page sees it.
DROP = """([target, name, content]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name, {type: "image/jpeg"}));
    for (const type of ["dragenter", "dragover", "drop"])
        target.dispatchEvent(
            new DragEvent(type, {dataTransfer, bubbles: true, cancelable: true}));
}"""


@pytest.fixture(params=[1280, pytest.param(390, marks=pytest.mark.deep)])
def window(page: Page, request: pytest.FixtureRequest) -> Page:
    """Open a window as wide as a desk's or a phone's."""
    page.set_viewport_size({"width": request.param, "height": 800})
    return page


@pytest.fixture
def check_accessibility(request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """Return a check with axe, in light and dark, that nothing scrolls sideways."""
    axe = install_axe(request.config.cache.mkdir("e2e_axe"))

    def check(page: Page) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert all_findings(page, axe) == []
        assert width_of(page) <= page.viewport_size["width"]

    return check


def sign_in(page: Page, email: str, button: str = "Sign in") -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name=button).click()


def choose(page: Page, name: str, content: bytes = PICTURE) -> None:
    file = {"name": name, "mimeType": "image/jpeg", "buffer": content}
    page.get_by_label("Choose pictures").set_input_files(file)


def drop(page: Page, name: str) -> None:
    content = base64.b64encode(PICTURE).decode()
    page.evaluate(DROP, [page.locator("#drop").element_handle(), name, content])


def test_gallery__from_sign_up_to_deletion(window, console_errors, check_accessibility):
    window.goto("/")
    window.get_by_role("link", name="Gallery").click()
    check_accessibility(window)
    sign_in(window, new_email("gallery"), "Create account")
    expect(window.get_by_text("You have no images yet.")).to_be_visible()

    drop(window, "lake.jpg")
    cards = window.locator("#grid li")
    expect(cards).to_have_count(1)
    expect_loaded(cards.locator("img"), 200)
    expect(cards.locator("img")).to_have_attribute("srcset", re.compile(r"320w, .*w"))

    cards.get_by_role("button", name="Edit").click()
    check_accessibility(window)
    window.get_by_label("Caption").fill("The <b>lake</b>")
    window.get_by_label("Description for people").fill("A lake below mountains")
    window.get_by_role("button", name="Save").click()
    expect(cards.locator("figcaption")).to_have_text("The <b>lake</b>")
    choose(window, "lake again.jpg")
    expect(cards).to_have_count(2)
    check_accessibility(window)

    # A reload keeps the sign-in and shows what the server has stored.
    window.reload()
    expect(window.get_by_alt_text("A lake below mountains")).to_be_visible()
    window.once("dialog", lambda dialog: dialog.accept())
    cards.last.get_by_role("button", name="Delete").click()
    expect(cards).to_have_count(1)
    window.get_by_role("button", name="Sign out").click()
    expect(window.get_by_role("heading", name="Sign in")).to_be_visible()
    assert window.evaluate("sessionStorage.length") == 0
    assert console_errors == []


def test_gallery__loads_more_when_it_is_scrolled(window, gunicorn, make_member):
    member = make_member(gunicorn)
    for _ in range(25):
        member.upload()
    window.goto("/gallery/")
    sign_in(window, member.email)
    cards = window.locator("#grid li")
    expect(cards).to_have_count(24)
    window.mouse.wheel(0, 30_000)
    expect(cards).to_have_count(25)
    expect(window.get_by_role("button", name="Show more")).to_be_hidden()


@pytest.mark.deep
def test_gallery__shows_the_placeholder_until_the_picture_is_there(
    page, gunicorn, make_member
):
    member = make_member(gunicorn)
    image = member.upload(PICTURE)
    assert image["placeholder"]
    # The picture's request is never answered.
    page.route("**/demo/media/**", lambda route: None)
    page.goto("/gallery/")
    sign_in(page, member.email)
    style = page.locator("#grid img").get_attribute("style")
    assert "data:image/png" in style
    red, green, blue = (int(image["dominant_color"][i : i + 2], 16) for i in (1, 3, 5))
    assert f"rgb({red}, {green}, {blue})" in style


@pytest.mark.deep
def test_gallery__shows_progress_and_can_cancel(page, gunicorn, make_member):
    member = make_member(gunicorn)
    page.goto("/gallery/")
    sign_in(page, member.email)
    expect(page.get_by_text("You have no images yet.")).to_be_visible()
    # The request never reaches the server.
    page.route("**/api/v1/images/", lambda route: None)
    choose(page, "slow.jpg")
    expect(page.get_by_role("progressbar", name="slow.jpg")).to_be_visible()
    page.get_by_role("button", name="Cancel slow.jpg").click()
    expect(page.locator("#uploads")).to_contain_text("Cancelled.")
    assert member.count() == 0


@pytest.mark.deep
def test_gallery__says_what_is_wrong(page, gunicorn, make_member):
    member = make_member(gunicorn)
    page.goto("/gallery/")
    sign_in(page, member.email, "Create account")
    expect(page.locator("#email-error")).to_contain_text("has an account already")
    expect(page.get_by_label("Email")).to_be_focused()
    sign_in(page, member.email)
    choose(page, "text.jpg", b"no picture")
    expect(page.locator("#uploads .error")).to_contain_text("text.jpg: ")
    page.get_by_role("button", name="Dismiss text.jpg").click()
    expect(page.locator("#uploads li")).to_have_count(0)


@pytest.mark.deep
def test_gallery__renews_its_tokens(page, gunicorn, make_member, console_errors):
    member = make_member(gunicorn)
    page.goto("/gallery/")
    sign_in(page, member.email)
    expect(page.get_by_text("You have no images yet.")).to_be_visible()
    page.evaluate("""() => {
        const tokens = JSON.parse(sessionStorage.tokens);
        sessionStorage.tokens = JSON.stringify({...tokens, access: "expired"});
    }""")
    choose(page, "lake.jpg")
    expect(page.locator("#grid li")).to_have_count(1)
    # Chromium reports the refused request itself.
    assert all("status of 401" in error for error in console_errors)
