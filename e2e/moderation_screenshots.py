"""The screenshots in docs/moderation.md."""

from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, expect

from e2e.api_client import Member
from e2e.browsing import expect_loaded, run_action
from e2e.camera import Camera
from e2e.moderating import (
    QUEUE,
    STATISTICS,
    make_moderator,
    report,
    sign_in_as_moderator,
)
from e2e.pictures import landscape
from e2e.servers import Server

WIDE: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 360, "height": 800}


def take(browser: Browser, server: Server, camera: Camera, others: Path | None) -> None:
    """Take the screenshots of the documents, and of further pages into `others`."""
    _report_something(server)
    moderator = Member.sign_up(server.url, "Mo", "mo@example.com")
    page = browser.new_page(base_url=server.url, viewport=WIDE)
    make_moderator(page, server, moderator.email)
    sign_in_as_moderator(page, moderator.email)
    page.get_by_role("button", name="Toggle navigation").click()
    _take_queue(page, camera)
    _take_many(page, camera)
    if others:
        _take_others(page, others)
    page.context.close()


def _take_queue(page: Page, camera: Camera) -> None:
    page.goto(QUEUE)
    expect_loaded(page.locator(".picture img"), 600)
    camera.take(page, "moderation-queue")
    page.get_by_label("Spam").check()
    page.set_viewport_size(PHONE)
    page.locator(".decide").scroll_into_view_if_needed()
    camera.take(page, "moderation-phone")
    page.set_viewport_size(WIDE)


def _take_many(page: Page, camera: Camera) -> None:
    page.goto("/admin/images/image/")
    for row in (0, 1):
        page.locator("#result_list tbody input[type=checkbox]").nth(row).check()
    run_action(page, "Take down the selected images")
    for image in page.locator(".selected img").all():
        expect_loaded(image, 80)
    camera.take(page, "moderation-many")


def _take_others(page: Page, folder: Path) -> None:
    for name, path in {
        "desk-statistics": STATISTICS,
        "desk-index": "/admin/",
        "desk-list": "/admin/images/image/",
        "desk-reports": "/admin/images/report/",
    }.items():
        page.goto(path)
        page.screenshot(path=folder / f"{name}.png", full_page=True)
    page.goto(QUEUE)
    page.locator(".approve").click()
    expect(page.get_by_role("status")).to_contain_text("Approved")
    page.get_by_text("Filter the queue").click()
    page.screenshot(path=folder / "desk-next.png", full_page=True)
    page.get_by_role("status").get_by_role("link").click()
    page.get_by_text("Suspend this user").click()
    page.screenshot(path=folder / "desk-image.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.goto(STATISTICS)
    page.screenshot(path=folder / "desk-statistics-phone.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(WIDE)
    page.goto(QUEUE)
    page.screenshot(path=folder / "desk-dark.png", full_page=True)


def _report_something(server: Server) -> None:
    owner = Member.sign_up(server.url, "Sunny Deals", "sunny@example.com")
    picture = landscape((250, 160, 90), (120, 40, 70), (1280, 960))
    image = owner.upload(
        picture,
        caption="Buy sunsets, two for one",
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
