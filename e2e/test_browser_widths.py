"""No page of the admin scrolls sideways or has a barrier: any width, light or dark."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.accessibility import all_findings
from e2e.browsing import run_action, sign_in_to_admin
from e2e.longest import make_longest_rows
from e2e.moderating import QUEUE, STATISTICS
from e2e.servers import Server, gunicorn_server

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.any_database,
    pytest.mark.deep,
]
WIDTHS = (1280, 1024, 390)
# What is wider than its place: pages and boxes that scroll, and boxes that cut off.
_TOO_WIDE = """() => {
    const page = document.documentElement;
    const found = page.scrollWidth > innerWidth ? [`page: ${page.scrollWidth} px`] : [];
    for (const box of document.querySelectorAll("body *")) {
        const overflow = getComputedStyle(box).overflowX;
        const tooWide = overflow !== "visible" && box.scrollWidth > box.clientWidth + 1;
        // Fields scroll by themselves, and buttons with pictures hide their text.
        const isControl = box.matches("input, select, textarea, button");
        if (tooWide && box.clientWidth > 1 && !isControl) {
            const wide = `${box.scrollWidth} in ${box.clientWidth} px`;
            found.push(`${box.localName}#${box.id}.${box.className}: ${wide}`);
        }
    }
    return found;
}"""
_LISTS = "#content-main th[scope=row] a"


def links(page: Page, selector: str) -> list[str]:
    found: list[str] = page.locator(selector).evaluate_all(
        "all => all.map(a => a.href).filter(Boolean)"
    )
    return found


def pages_of_models(page: Page) -> Iterator[str]:
    """Yield the pages of each model: its list, adding, and those of its longest row."""
    page.goto("/admin/")
    for url in [*links(page, _LISTS), *links(page, "#content-main a.addlink")]:
        page.goto(url)
        yield url
        for change in links(page, "#result_list tbody :is(th, td) a[href*=change]")[:1]:
            page.goto(change)
            yield change
            if page.locator(".historylink").count():
                yield change.replace("/change/", "/history/")
                yield change.replace("/change/", "/delete/")


def all_pages(page: Page) -> list[str]:
    found = [
        *("/admin/", "/admin/images/", "/admin/password_change/"),
        *("/admin/second-factor/setup/", QUEUE, STATISTICS),
        *pages_of_models(page),
    ]
    page.goto("/admin/images/report/")
    found += links(page, "#result_list .field-picture a")[:1]
    page.goto("/admin/images/decision/")
    found += links(page, "#result_list .field-about a")[:1]
    page.goto(found[-1])
    found += links(page, ".owner dd a[href*='decision/user/']")[:1]
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def gunicorn(
    code: Path, tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> Iterator[Server]:
    """Run a server for this module alone: some of its images have no files."""
    folder = tmp_path_factory.mktemp("widths")
    with gunicorn_server(code, folder, database_url) as server:
        yield server


@pytest.fixture
def longest(gunicorn, code, page) -> Page:
    """Sign in to an admin whose rows have the longest values."""
    make_longest_rows(gunicorn, code)
    sign_in_to_admin(page, gunicorn)
    return page


def test_pages__fit_and_have_no_barriers(longest, axe):
    page = longest
    found: list[str] = []

    def look(name: str) -> None:
        # Before its styles are there, a page may be of any width.
        page.wait_for_load_state()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            complaints = page.evaluate(_TOO_WIDE)
            for scheme in ("light", "dark"):
                # Colours that are still moving have no contrast yet.
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                complaints += all_findings(page, axe)
            found.extend(f"{name}, {width}: {text}" for text in complaints)

    pages = all_pages(page)
    assert len(pages) > 30
    for url in pages:
        page.goto(url)
        look(url)
    page.goto("/admin/images/image/")
    page.get_by_role("button", name="Gallery").click()
    expect(page.locator(".field-tile").first).to_be_visible()
    look("gallery")
    page.locator("#action-toggle").check()
    run_action(page, "Delete the selected images")
    expect(page.get_by_role("button", name="Delete images")).to_be_visible()
    look("confirmation")
    assert not found, "\n".join(found)
