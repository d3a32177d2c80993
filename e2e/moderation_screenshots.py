"""The pictures in docs/moderation.md."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from e2e.api_client import Member
from e2e.browsing import expect_loaded
from e2e.moderating import (
    QUEUE,
    STATISTICS,
    make_moderator,
    report,
    sign_in_as_moderator,
)
from e2e.pictures import landscape
from e2e.servers import Server

_CAPTION = "Buy sunsets, two for one"


def take(browser: Browser, server: Server, folder: Path, others: Path | None) -> None:
    """Take the pictures for the documents, and to `others` those of further pages."""
    _report_something(server)
    moderator = Member.sign_up(server.url, "Mo", "mo@example.com")
    page = browser.new_page(
        base_url=server.url, viewport={"width": 1280, "height": 860}
    )
    make_moderator(page, server, moderator.email)
    sign_in_as_moderator(page, moderator.email)
    page.get_by_role("button", name="Toggle navigation").click()
    page.goto(QUEUE)
    expect_loaded(page.locator(".picture img"), 600)
    page.screenshot(path=folder / "moderation-queue.png")
    page.keyboard.press("t")
    page.get_by_label("Spam").check()
    page.set_viewport_size({"width": 360, "height": 800})
    page.locator(".decide").scroll_into_view_if_needed()
    page.screenshot(path=folder / "moderation-phone.png")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto("/admin/images/image/")
    page.locator("#result_list tbody input[type=checkbox]").nth(0).check()
    page.locator("#result_list tbody input[type=checkbox]").nth(1).check()
    page.get_by_label("Action:").select_option(label="Take down the selected images")
    page.get_by_role("button", name="Run").or_(
        page.get_by_role("button", name="Go")
    ).click()
    for image in page.locator(".selected img").all():
        expect_loaded(image, 80)
    page.screenshot(path=folder / "moderation-many.png")
    if others:
        for name, path in {
            "desk-statistics": STATISTICS,
            "desk-index": "/admin/",
            "desk-list": "/admin/images/image/",
            "desk-reports": "/admin/images/report/",
        }.items():
            page.goto(path)
            page.screenshot(path=others / f"{name}.png", full_page=True)
        page.goto(QUEUE)
        page.locator(".approve").click()
        expect(page.get_by_role("status")).to_contain_text("Approved")
        page.get_by_text("Choose what comes up").click()
        page.screenshot(path=others / "desk-next.png", full_page=True)
        page.get_by_role("status").get_by_role("link").click()
        page.get_by_text("Suspend this user").click()
        page.screenshot(path=others / "desk-image.png", full_page=True)
        page.set_viewport_size({"width": 360, "height": 800})
        page.goto(STATISTICS)
        page.screenshot(path=others / "desk-statistics-phone.png", full_page=True)
        page.goto(QUEUE)
        page.screenshot(path=others / "desk-queue-phone.png", full_page=True)
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 1280, "height": 860})
        page.goto(QUEUE)
        page.screenshot(path=others / "desk-dark.png", full_page=True)
    page.context.close()


def _report_something(server: Server) -> None:
    owner = Member.sign_up(server.url, "Sunny Deals", "sunny@example.com")
    picture = landscape((250, 160, 90), (120, 40, 70), (1280, 960))
    image = owner.upload(
        picture,
        caption=_CAPTION,
        alt_text="An orange sky above dark hills",
        visibility="public",
    )
    for name, reason, details in (
        ("Rita", "spam", "The same advert under each of my pictures."),
        ("Paul", "copyright", "This is my photo."),
    ):
        by = Member.sign_up(server.url, name)
        report(by, image, reason, details)
        by.http.close()
    owner.http.close()
