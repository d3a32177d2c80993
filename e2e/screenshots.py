"""Take the screenshots in `docs/images`: `make screenshots`.

    python -m e2e.screenshots [folder]

The structure of their pages is noted in `structure.json` beside them. Screenshots of
further pages go to `folder`, if it is given.
"""

import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import (
    Browser,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from e2e import moderation_screenshots
from e2e.api_client import Member, fetch
from e2e.browsing import (
    CHROMIUM_OPTIONS,
    authorize_in_swagger,
    expect_loaded,
    field_of,
    sign_in_to_admin,
    sign_in_to_browsable_api,
    try_operation,
)
from e2e.camera import Camera
from e2e.pictures import Colour, landscape
from e2e.project_copy import ROOT, copy_project
from e2e.servers import Server, development_server, find_chromium
from scripts.waiting import wait_for

PICTURES = ROOT / "docs" / "images"
SCENES: dict[str, tuple[Colour, Colour]] = {
    "Morning above the valley": ((150, 205, 245), (70, 130, 90)),
    "Dunes in the last light": ((250, 190, 110), (150, 70, 80)),
    "The lake, an hour before the storm": ((120, 135, 190), (40, 60, 100)),
    "First snow on the ridge": ((205, 220, 240), (120, 140, 170)),
    "Poppies by the road": ((250, 220, 180), (190, 70, 60)),
}


def main() -> None:
    camera = Camera(PICTURES)
    others = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        code = copy_project(Path(folder) / "project")
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_OPTIONS
        )
        url = os.environ.get("DATABASE_URL", "sqlite://")
        state = Path(folder) / "state"
        with development_server(code, state, url, worker=True) as server:
            take_all(browser, server, camera, others)
        browser.close()
    camera.save_fingerprints()


def take_all(
    browser: Browser, server: Server, camera: Camera, others: Path | None = None
) -> None:
    """Fill a new server with images, and take all pictures."""
    member = Member.sign_up(server.url, "Ann", "ann@example.com")
    for number, (caption, (sky, ground)) in enumerate(SCENES.items()):
        size = (960, 1200) if number % 2 else (1280, 960)
        member.upload(landscape(sky, ground, size), caption=caption)
    viewport: ViewportSize = {"width": 1280, "height": 800}
    page = browser.new_page(base_url=server.url, viewport=viewport)
    take_for_documents(page, server, member, camera)
    if others:
        others.mkdir(parents=True, exist_ok=True)
        take_others(page, member, others)
    page.context.close()
    moderation_screenshots.take(browser, server, camera, others)
    member.http.close()


def take_for_documents(
    page: Page, server: Server, member: Member, camera: Camera
) -> None:
    # Once the worker has been seen.
    wait_for(lambda: "All is well." in fetch(server.url).text)
    page.goto("/")
    camera.take(page, "landing", full_page=True)
    sign_in_to_admin(page, server)
    page.goto("/admin/images/image/")
    for image in page.locator("#result_list img").all():
        expect_loaded(image, 80)
    page.evaluate("scrollTo(0, 0)")
    camera.take(page, "admin")
    authorize_in_swagger(page, member.email)
    upload = try_operation(page, "post", "/api/v1/images/")
    upload.locator("input[type=file]").set_input_files(
        {
            "name": "lake.jpg",
            "mimeType": "image/jpeg",
            "buffer": landscape((120, 135, 190), (40, 60, 100)),
        }
    )
    field_of(upload, "caption").fill("The lake, an hour before the storm")
    field_of(upload, "alt_text").fill("A lake below dark mountains, a pale sun")
    field_of(upload, "visibility").select_option("unlisted")
    upload.get_by_role("button", name="Execute").click()
    expect(upload.locator(".live-responses-table")).to_contain_text("201")
    # Hide the token, and make the form and its answer fit the page.
    page.locator(".curl-command").evaluate_all("all => all.map(e => e.remove())")
    page.evaluate("document.body.style.zoom = 0.6")
    page.evaluate("arg => arg.scrollIntoView()", upload.element_handle())
    camera.take(page, "swagger", upload)


def take_others(page: Page, member: Member, folder: Path) -> None:
    page.goto("/admin/")
    page.screenshot(path=folder / "admin-index.png")
    page.goto("/admin/images/image/")
    page.locator("#result_list tbody tr a").first.click()
    expect_loaded(page.locator(".field-preview img"), 600)
    page.screenshot(path=folder / "admin-image.png", full_page=True)
    for name, path in {
        "admin-users": "/admin/accounts/user/",
        "admin-user-add": "/admin/accounts/user/add/",
        "redoc": "/redoc",
        "swagger": "/docs",
        "not-found": "/nowhere",
    }.items():
        page.goto(path, wait_until="networkidle")
        page.screenshot(path=folder / f"{name}.png")
    page.context.clear_cookies()
    sign_in_to_browsable_api(page, member.email)
    page.screenshot(path=folder / "browsable-list.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    page.screenshot(path=folder / "landing-dark.png")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    page.screenshot(path=folder / "landing-phone.png", full_page=True)


if __name__ == "__main__":
    main()
