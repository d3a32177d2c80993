"""The admin site and the landing page in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from e2e.api_client import PASSWORD, fetch, new_email, open_client
from e2e.browsing import expect_loaded, run_action, sign_in_to_admin
from e2e.pictures import landscape

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]


def open_images(page: Page, email: str) -> None:
    """Open the list of one owner's images."""
    page.goto(f"/admin/images/image/?q={email}")


def confirm_deletion(page: Page, outcome: str) -> None:
    """Give the reason that a deletion by staff needs."""
    page.get_by_label("Copyright").check()
    expect(page.get_by_label("Note to the owners")).to_have_value("")
    page.get_by_role("button", name="Delete images").click()
    expect(page.locator(".messagelist")).to_contain_text(outcome)


def test_images__show_thumbnail_and_preview(
    gunicorn, make_member, page, console_errors
):
    member = make_member(gunicorn)
    member.upload(landscape((90, 170, 230), (20, 90, 60)), caption="Valley")
    sign_in_to_admin(page, gunicorn)
    open_images(page, member.email)
    row = page.locator("#result_list tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Valley")
    expect(row).to_contain_text("1280 × 960")
    expect_loaded(row.locator("img"), 80)
    row.get_by_role("link", name="Valley").click()
    expect_loaded(page.locator(".field-preview img"), 900)
    expect(page.locator("#id_caption")).to_have_value("Valley")
    page.locator("#id_caption").fill("Green valley")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    assert console_errors == []


def test_gallery__selects_by_mouse_and_keyboard(
    gunicorn, make_member, page, console_errors
):
    member = make_member(gunicorn)
    for caption in ("First", "Second", "Third", "Fourth"):
        member.upload(landscape((90, 170, 230), (20, 90, 60)), caption=caption)
    sign_in_to_admin(page, gunicorn)
    open_images(page, member.email)
    page.get_by_role("button", name="Gallery").click()
    tiles = page.locator("#result_list tbody tr")
    expect(tiles).to_have_count(4)
    expect_loaded(tiles.first.locator("img"), 300)
    boxes = tiles.locator("input.action-select")
    tiles.nth(0).locator("img").click(position={"x": 80, "y": 120})
    page.keyboard.down("Shift")
    tiles.nth(2).locator("img").click(position={"x": 80, "y": 120})
    page.keyboard.up("Shift")
    chosen = boxes.evaluate_all("all => all.map(box => box.checked)")
    assert chosen == [True, True, True, False]
    caption_of_first = tiles.nth(0).locator(".field-caption_start")
    page.mouse.move(0, 0)
    boxes.nth(1).focus()
    expect(caption_of_first).to_have_css("opacity", "0")
    tiles.nth(0).hover()
    expect(caption_of_first).to_have_css("opacity", "1")
    page.keyboard.press("ArrowLeft")
    expect(boxes.nth(0)).to_be_focused()
    page.keyboard.press("Space")
    expect(boxes.nth(0)).not_to_be_checked()
    # The view is remembered.
    open_images(page, member.email)
    expect(page.locator(".field-tile")).to_have_count(4)
    boxes.nth(0).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_caption")).to_have_value("Fourth")
    assert console_errors == []


def test_delete__of_one_image_removes_the_remote_file(gunicorn, make_member, page):
    member = make_member(gunicorn)
    image = member.upload(landscape((240, 150, 90), (90, 40, 80)))
    sign_in_to_admin(page, gunicorn)
    page.goto(f"/admin/images/image/{image['id']}/change/")
    # Django 6.1 calls this link a button.
    page.locator("a.deletelink").click()
    confirm_deletion(page, "Deleted: 1.")
    assert fetch(image["url"]).status_code == 404
    assert member.count() == 0


@pytest.mark.deep
def test_delete__in_bulk_removes_the_remote_files(gunicorn, make_member, page):
    member = make_member(gunicorn)
    picture = landscape((120, 120, 220), (40, 40, 90))
    urls = [member.upload(picture)["url"] for _ in range(3)]
    sign_in_to_admin(page, gunicorn)
    open_images(page, member.email)
    expect(page.locator("#result_list tbody tr")).to_have_count(3)
    page.locator("#action-toggle").check()
    run_action(page, "Delete the selected images")
    confirm_deletion(page, "Deleted: 3.")
    assert [fetch(url).status_code for url in urls] == [404] * 3
    assert member.count() == 0


@pytest.mark.deep
def test_users__are_added_and_deactivated(gunicorn, page, console_errors):
    email = new_email("eve")
    sign_in_to_admin(page, gunicorn)
    page.goto("/admin/accounts/user/add/")
    page.locator("#id_email").fill(email)
    page.locator("#id_password1").fill(PASSWORD)
    page.locator("#id_password2").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("added successfully")
    credentials = {"email": email, "password": PASSWORD}
    with open_client(gunicorn.url) as http:
        assert http.post("/api/v1/auth/token/", json=credentials).status_code == 200
        page.goto(f"/admin/accounts/user/?q={email}")
        page.locator("#action-toggle").check()
        run_action(page, "Deactivate the selected users")
        expect(page.locator(".messagelist")).to_contain_text("Deactivated")
        assert http.post("/api/v1/auth/token/", json=credentials).status_code == 401
        page.locator("#action-toggle").check()
        run_action(page, "Activate the selected users")
        expect(page.locator(".messagelist")).to_contain_text("Activated")
        assert http.post("/api/v1/auth/token/", json=credentials).status_code == 200
    assert console_errors == []


@pytest.mark.deep
def test_users__show_their_counts(gunicorn, make_member, page):
    member = make_member(gunicorn)
    member.upload(landscape((200, 200, 240), (60, 90, 120)))
    sign_in_to_admin(page, gunicorn)
    page.goto(f"/admin/accounts/user/?q={member.email}")
    row = page.locator("#result_list tbody tr")
    expect(row.locator(".field-image_count")).to_have_text("1")


def test_landing__links_lead_somewhere(gunicorn, page, console_errors):
    page.goto("/")
    expect(page.get_by_role("heading", name="mediabackend")).to_be_visible()
    state = page.get_by_role("table")
    for name in ("Database", "Cache", "Storage"):
        row = state.get_by_role("row").filter(has_text=name)
        expect(row).to_contain_text("OK")
    links = page.get_by_role("link").evaluate_all("all => all.map(a => a.href)")
    assert len(links) >= 7
    for link in links:
        assert page.request.get(link).status == 200, link
    assert console_errors == []
