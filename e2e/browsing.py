"""Steps of people in the browser."""

from playwright.sync_api import Locator, Page, expect

from e2e.api_client import PASSWORD
from e2e.servers import ADMIN_EMAIL, Server

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def watch_for_errors(page: Page, found: list[str]) -> None:
    """Collect the errors of a page: in its console, in scripts, in requests."""

    def on_console(message) -> None:
        if message.type == "error":
            found.append(f"console: {message.text}")

    def on_failure(request) -> None:
        # A browser aborts the requests of a page when the next page is opened.
        if request.failure != "net::ERR_ABORTED":
            found.append(f"failed: {request.url} ({request.failure})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: found.append(f"script: {error}"))
    page.on("requestfailed", on_failure)


def sign_in_to_admin(page: Page, server: Server) -> None:
    page.goto("admin/")
    page.get_by_label("E-mail address").fill(ADMIN_EMAIL)
    page.get_by_label("Password").fill(server.admin_password)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Site administration")).to_be_visible()


def run_action(page: Page, label: str) -> None:
    """Run an action on the rows that are selected in a list of the admin."""
    page.get_by_label("Action:").select_option(label=label)
    page.get_by_role("button", name="Run").or_(
        page.get_by_role("button", name="Go")
    ).click()


def sign_in_to_browsable_api(page: Page, email: str) -> None:
    page.goto("/api-auth/login/?next=/api/v1/images/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url("/api/v1/images/")


def authorize_in_swagger(page: Page, email: str) -> None:
    """Sign in through the Authorize dialog."""
    page.goto("docs")
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".modal-ux")
    form = dialog.locator(".auth-container", has_text="(OAuth2, password)")
    form.locator("#oauth_username").fill(email)
    form.locator("#oauth_password").fill(PASSWORD)
    form.get_by_role("button", name="Apply given OAuth2 credentials").click()
    expect(form.get_by_role("button", name="Remove authorization")).to_be_visible()
    dialog.get_by_role("button", name="Close").first.click()
    expect(dialog).to_have_count(0)


def try_operation(page: Page, method: str, path: str) -> Locator:
    """Open an operation of Swagger UI and press "Try it out"."""
    operation = page.locator(
        f".opblock-{method}",
        has=page.locator(f'.opblock-summary-path[data-path="{path}"]'),
    )
    operation.locator(".opblock-summary").click()
    operation.get_by_role("button", name="Try it out").click()
    return operation


def field_of(operation: Locator, name: str) -> Locator:
    """Return the input of a form field in an opened operation."""
    row = operation.locator(f'tr.parameters[data-property-name="{name}"]')
    return row.locator("input:not([type=checkbox]), textarea, select").first


def expect_loaded(image: Locator, least_width: int = 1) -> None:
    """Wait until the picture is loaded and has at least this width."""
    image.scroll_into_view_if_needed()
    handle = image.element_handle()
    image.page.wait_for_function(
        "([image, width]) => image.complete && image.naturalWidth >= width",
        arg=[handle, least_width],
    )
