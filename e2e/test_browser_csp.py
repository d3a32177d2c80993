"""The content security policy of every page, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from e2e.browsing import (
    authorize_in_swagger,
    field_of,
    sign_in_to_admin,
    sign_in_to_browsable_api,
    try_operation,
)
from e2e.pictures import landscape

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.any_database]

# Reports each violation that Chromium tells the page; added to every page.
_REPORT = """
addEventListener("securitypolicyviolation", (event) => reportViolation(
    `${event.effectiveDirective} refused ${event.blockedURI}, ${location.pathname}`
))
"""
HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>"


@pytest.fixture
def watched(page: Page, console_errors: list[str]) -> Page:
    """Open a window that fails the test for errors, violations and dialogs."""
    page.context.expose_function(
        "reportViolation", lambda text: console_errors.append(text)
    )
    page.add_init_script(_REPORT)

    def on_dialog(dialog) -> None:
        console_errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", on_dialog)
    return page


@pytest.fixture(autouse=True)
def nothing_refused(watched, console_errors):
    yield
    assert console_errors == []


def picture(name: str = "a.jpg") -> dict[str, object]:
    content = landscape((90, 140, 200), (40, 80, 60))
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_policy__is_enforced_and_watched(watched, console_errors):
    """Cause a violation, to prove that the other tests would find one."""
    watched.goto("/")
    watched.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">')"
    )
    expect(watched.locator("p[style]")).to_have_count(1)
    watched.wait_for_timeout(200)
    assert any("style-src" in error for error in console_errors)
    console_errors.clear()


def test_landing(watched):
    watched.goto("/", wait_until="networkidle")
    expect(watched.get_by_role("heading", name="mediabackend")).to_be_visible()


@pytest.mark.deep
def test_swagger_ui(watched, gunicorn, make_member):
    authorize_in_swagger(watched, make_member(gunicorn).email)
    upload = try_operation(watched, "post", "/api/v1/images/")
    upload.locator("input[type=file]").set_input_files(picture())
    field_of(upload, "caption").fill(HOSTILE)
    upload.get_by_role("button", name="Execute").click()
    answer = upload.locator(".live-responses-table")
    expect(answer.locator(".response .response-col_status")).to_contain_text("201")
    expect(answer).to_contain_text("<img src=x onerror=alert(1)>")


@pytest.mark.deep
def test_redoc(watched):
    watched.goto("/redoc", wait_until="networkidle")
    expect(watched.get_by_role("heading", name="Upload an image")).to_be_visible(
        timeout=20_000
    )
    search = watched.get_by_placeholder("Search...")
    search.fill("upload")
    expect(watched.locator("[role=search] [role=menu]")).to_contain_text("Upload")
    # Its styles are loaded.
    assert search.evaluate("e => getComputedStyle(e).borderTopStyle") == "none"


@pytest.mark.deep
def test_browsable_api(watched, gunicorn, make_member, console_errors):
    sign_in_to_browsable_api(watched, make_member(gunicorn).email)
    form = watched.locator("form[enctype='multipart/form-data']").first
    form.locator("input[name=file]").set_input_files(picture("<b>.jpg"))
    form.locator("[name=caption]").fill(HOSTILE)
    form.get_by_role("button", name="POST").click()
    answer = watched.locator(".response-info")
    expect(answer).to_contain_text("201 Created")
    expect(answer).to_contain_text("<img src=x onerror=alert(1)>")
    watched.goto("/api/v1/images/")
    watched.get_by_role("button", name="Filters").click()
    filters = watched.locator("#filtersModal")
    filters.locator("[name=search]").fill(HOSTILE)
    filters.locator("button", has_text="Submit").click()
    expect(watched.locator(".response-info")).to_contain_text('"results": [')
    answer_text = watched.locator(".response-info").inner_text()
    identifier = answer_text.split('"id": "')[1].split('"')[0]
    watched.goto(f"/api/v1/images/{identifier}/")
    form = watched.locator("form[data-method=PUT][enctype]")
    expect(form.locator("[name=caption]")).to_have_value(HOSTILE)
    watched.get_by_role("button", name="OPTIONS").click()
    expect(watched.locator(".response-info")).to_contain_text("parses")
    watched.get_by_role("button", name="DELETE").click()
    watched.locator("#deleteModal").get_by_role("button", name="Delete").click()
    expect(watched.locator(".response-info")).to_contain_text("204 No Content")
    watched.get_by_role("button", name="Log out").click()
    expect(watched.get_by_role("link", name="Log in")).to_be_visible()
    # It goes back to the page of the deleted image, which is a 404.
    assert all("status of 404" in error for error in console_errors)
    console_errors.clear()


def test_error_page(watched, console_errors):
    watched.goto("/")
    watched.evaluate("""() => {
        const form = document.createElement("form");
        form.method = "post";
        const field = document.createElement("input");
        field.name = "much";
        field.value = "x".repeat(1100000);
        form.append(field);
        document.body.append(form);
        form.submit();
    }""")
    expect(watched.get_by_role("heading", name="413")).to_be_visible()
    # Chromium reports the answer itself in the console.
    assert all("status of 413" in error for error in console_errors)
    console_errors.clear()


@pytest.mark.deep
def test_session_login__with_a_wrong_password(watched):
    watched.goto("/api-auth/login/")
    watched.get_by_label("E-mail address").fill('"><script>alert(3)</script>')
    watched.get_by_label("Password").fill("wrong")
    watched.get_by_role("button", name="Log in").click()
    expect(watched.get_by_role("alert")).to_contain_text("Please enter a correct")


@pytest.mark.deep
def test_admin__images(watched, gunicorn, make_member):
    member = make_member(gunicorn)
    image = member.upload(landscape((90, 90, 90), (30, 60, 90)), caption=HOSTILE)
    sign_in_to_admin(watched, gunicorn)
    watched.goto(f"/admin/images/image/?q={member.email}", wait_until="networkidle")
    expect(watched.locator("#result_list")).to_contain_text("<img src=x")
    watched.locator("#action-toggle").check()
    watched.goto(f"/admin/images/image/{image['id']}/change/")
    expect(watched.locator("#id_caption")).to_have_value(HOSTILE)
    watched.locator("#id_alt_text").fill(HOSTILE)
    watched.get_by_role("button", name="Save and continue editing").click()
    expect(watched.locator(".messagelist")).to_contain_text("changed successfully")
    watched.goto(f"/admin/images/image/{image['id']}/history/")
    expect(watched.locator("#change-history")).to_contain_text("Changed")
    watched.goto(f"/admin/images/image/{image['id']}/delete/")
    expect(watched.locator(".selected")).to_contain_text("<img src=x")
    watched.get_by_label("Other").check()
    watched.get_by_label("Note to the owners").fill(HOSTILE)
    watched.get_by_role("button", name="Delete images").click()
    expect(watched.locator(".messagelist")).to_contain_text("Deleted: 1.")


@pytest.mark.deep
def test_admin__users(watched, gunicorn, make_member):
    member = make_member(gunicorn)
    sign_in_to_admin(watched, gunicorn)
    watched.goto(f"/admin/accounts/user/?q={member.email}")
    watched.locator("#result_list tbody th a").click()
    watched.locator("#id_display_name").fill(HOSTILE)
    watched.get_by_role("button", name="Save", exact=True).click()
    expect(watched.locator(".messagelist")).to_contain_text("changed successfully")
    watched.goto("/admin/accounts/user/add/", wait_until="networkidle")
    watched.get_by_label("Disabled").check()
    watched.goto("/admin/auth/group/add/", wait_until="networkidle")
    expect(watched.locator(".selector")).to_be_visible()
