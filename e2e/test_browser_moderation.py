"""Moderation in a real browser: keyboard, narrow screens, accessibility."""

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e.accessibility import all_findings, width_of
from e2e.api_client import Member, fetch
from e2e.browsing import expect_loaded, run_action
from e2e.moderating import (
    QUEUE,
    STATISTICS,
    make_moderator,
    report,
    sign_in_as_moderator,
)
from e2e.pictures import landscape
from e2e.servers import Server

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]
IMAGES = "/admin/images/image/"
HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>"


@pytest.fixture(scope="module")
def moderator_email(browser: Browser, gunicorn: Server) -> str:
    """Sign somebody up and make them a moderator; return their email."""
    member = Member.sign_up(gunicorn.url, "mo")
    member.http.close()
    context = browser.new_context(base_url=gunicorn.url)
    make_moderator(context.new_page(), gunicorn, member.email)
    context.close()
    return member.email


@pytest.fixture
def moderator(page: Page, moderator_email: str) -> None:
    """Sign the moderator in to the admin, in `page`."""
    sign_in_as_moderator(page, moderator_email)


@pytest.fixture
def owner(gunicorn, make_member) -> Member:
    return make_member(gunicorn, "ann")


@pytest.fixture
def reported(gunicorn, make_member, owner) -> dict:
    """Upload an image and report it more often than any other."""
    picture = landscape((90, 170, 230), (20, 90, 60))
    image = owner.upload(picture, caption="Valley", visibility="public")
    for _ in range(3):
        report(make_member(gunicorn, "rita"), image, "spam", HOSTILE)
    return image


def press(page: Page, key: str) -> None:
    """Press a shortcut, once the page listens to keys, which its switch shows."""
    page.wait_for_load_state()
    expect(page.get_by_label("Keyboard")).to_be_visible()
    page.keyboard.press(key)


def state(owner: Member, image: dict) -> dict:
    return owner.http.get(f"/api/v1/images/{image['id']}/").json()


def test_day__of_a_moderator_by_keyboard(
    gunicorn, page, console_errors, moderator, owner, reported
):
    page.goto(QUEUE)
    expect(page.get_by_role("heading", name="Valley")).to_be_visible()
    expect_loaded(page.locator(".picture img"), 900)
    expect(page.locator(".reports")).to_contain_text("<img src=x")
    public = state(owner, reported)["url"]
    assert fetch(public).status_code == 200

    # The second reason brings its own note. Inside fields, keys are text.
    press(page, "t")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Nudity")).to_be_checked()
    note = page.get_by_label("Note to the owner")
    expect(note).to_have_value("The picture shows nudity or sexual acts.")
    note.press("End")
    note.press_sequentially(" So an a and an n.")
    page.get_by_label("Nudity").press("Enter")
    outcome = page.get_by_role("status")
    expect(outcome).to_contain_text("Taken down")
    expect(outcome).to_be_focused()
    expect(page.get_by_role("heading", name="Valley")).to_have_count(0)

    seen = state(owner, reported)
    assert seen["state"] == "taken_down"
    assert seen["moderation"]["reason"] == "nudity"
    assert seen["moderation"]["note"].endswith("acts. So an a and an n.")
    assert fetch(public).status_code == 404

    outcome.get_by_role("link").click()
    expect_loaded(page.locator(".picture img"), 900)
    press(page, "r")
    expect(page.get_by_role("status")).to_contain_text("Restored")
    seen = state(owner, reported)
    assert seen["state"] == "visible"
    assert fetch(seen["url"]).status_code == 200
    assert console_errors == []


def test_phone__verdict_is_in_reach(page, console_errors, moderator, reported):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(QUEUE)
    approve = page.get_by_role("button", name="Approve")
    take_down = page.get_by_role("button", name="Take down")
    for place in ("0", "document.body.scrollHeight"):
        page.evaluate(f"scrollTo(0, {place})")
        expect(approve).to_be_in_viewport(ratio=1)
        expect(take_down).to_be_in_viewport(ratio=1)
    # Without a reason it leads to the reasons.
    take_down.click()
    expect(page.get_by_label("Spam")).to_be_focused()
    expect(page.get_by_label("Spam")).to_be_in_viewport()
    page.locator(".picture a").focus()
    for button in (approve, take_down):
        page.keyboard.press("Tab")
        expect(button).to_be_focused()
    assert console_errors == []


@pytest.mark.deep
def test_keys__approve_and_go_on(gunicorn, page, moderator, make_member):
    owner = make_member(gunicorn, "ann")
    captions = ["First", "Second", "Third"]
    images = [owner.upload(caption=caption) for caption in captions]
    page.goto(f"{QUEUE}?owner={owner.http.get('/api/v1/users/me/').json()['id']}")
    expect(page.get_by_role("heading", name="Third")).to_be_visible()
    press(page, "n")
    expect(page.get_by_role("heading", name="Second")).to_be_visible()
    # Until the page listens to keys, the switch is hidden and not checked.
    expect(page.get_by_label("Keyboard")).to_be_checked()
    page.get_by_label("Keyboard").uncheck()
    page.get_by_role("heading", name="Second").click()
    press(page, "a")
    page.reload()
    expect(page.get_by_role("heading", name="Second")).to_be_visible()
    expect(page.get_by_label("Keyboard")).to_be_visible()
    expect(page.get_by_label("Keyboard")).not_to_be_checked()
    page.get_by_label("Keyboard").check()
    page.keyboard.press("Escape")
    press(page, "a")
    expect(page.get_by_role("heading", name="First")).to_be_visible()
    press(page, "a")
    expect(page.locator("main")).to_contain_text("That was the last image.")
    page.goto("/admin/images/decision/")
    log = page.locator("#result_list")
    expect(log).to_contain_text(images[0]["id"])
    expect(log).to_contain_text(images[1]["id"])
    expect(log).not_to_contain_text(images[2]["id"])


@pytest.mark.deep
def test_pages__have_no_barriers(page, axe, console_errors, moderator, reported):
    found = {}

    def look(name: str) -> None:
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            # Wide tables scroll in frames of their own; the page does not.
            wide = width_of(page)
            too_wide = [f"{wide} px wide"] if wide > width else []
            complaints = len(console_errors)
            found[f"{name}, {width}"] = too_wide + all_findings(page, axe)
            # The policy refuses the inline styles that axe-core tries.
            del console_errors[complaints:]

    page.goto(QUEUE)
    expect(page.get_by_role("heading", name="Valley")).to_be_visible()
    page.get_by_text("Filter the queue").click()
    page.get_by_text("Suspend this user").click()
    look("queue")
    page.goto(f"{IMAGES}{reported['id']}/change/")
    look("change page")
    page.goto(STATISTICS)
    look("statistics")
    page.goto(IMAGES)
    look("list")
    page.locator("#action-toggle").check()
    run_action(page, "Take down the selected images")
    expect(page.get_by_role("button", name="Take images down")).to_be_visible()
    look("confirmation")
    assert found == dict.fromkeys(found, [])
    assert console_errors == []
