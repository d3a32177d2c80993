"""clients/typescript: its own tests, then against gunicorn in Chromium."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from e2e.api_client import PASSWORD, Member, fetch, new_email
from e2e.npm import run
from e2e.pictures import WARM, quarters
from e2e.servers import Server
from e2e.sites import serving

pytestmark = [pytest.mark.e2e, pytest.mark.deep, pytest.mark.any_database]
ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "clients/typescript"

NINE_FEATURES = """async ([server, email, password, bytes]) => {
  const { MediaBackend, imgAttributes } = await import("/dist/index.js");
  const file = new File([new Uint8Array(bytes)], "dunes.jpg", { type: "image/jpeg" });
  const api = new MediaBackend(server);
  const user = await api.signUp({ email, password });
  await api.signOut();
  await api.signIn(email, password);
  const progress = [];
  const onProgress = (share) => progress.push(share);
  const first = await api.upload(file, { caption: "one" }, { onProgress });
  const direct = await api.uploadDirectly(file, { caption: "two" }, { onProgress });
  const third = await api.upload(file);
  const edited = await api.updateImage(first.id, { caption: "changed" });
  const replaced = await api.replaceFile(first.id, file);
  const captions = [];
  for await (const image of api.listImages({ page_size: 1 })) {
    captions.push(image.caption);
  }
  const attributes = imgAttributes(await api.getImage(first.id), "320px");
  const img = Object.assign(document.createElement("img"), attributes);
  document.body.append(img);
  await img.decode();
  const renamed = await api.updateAccount({ display_name: "Ann" });
  await api.deleteImage(direct.id);
  const { deleted } = await api.deleteImages([third.id]);
  const account = await api.getAccount();
  const zip = await api.exportAccount();
  const magic = await zip.slice(0, 2).text();
  await api.deleteAccount(password);
  const again = await api.signIn(email, password).catch((error) => error.code);
  return {
    progress, captions, magic, again, tokens: api.tokens, email: user.email,
    edited: edited.caption, moved: replaced.url !== first.url, kept: replaced.caption,
    width: img.naturalWidth, renamed: renamed.display_name,
    deleted: deleted.length, count: account.image_count,
  };
}"""
ABORTED = """async ([server, tokens, bytes]) => {
  const { MediaBackend } = await import("/dist/index.js");
  const file = new File([new Uint8Array(bytes)], "dunes.jpg", { type: "image/jpeg" });
  const api = new MediaBackend(server, { tokens });
  const names = [];
  for (const method of ["upload", "uploadDirectly"]) {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const options = { signal: controller.signal, onProgress };
    names.push(await api[method](file, {}, options).catch((error) => error.name));
  }
  return names;
}"""
WITHOUT_IMAGEKIT = """async ([server, tokens, bytes]) => {
  const { MediaBackend } = await import("/dist/index.js");
  const file = new File([new Uint8Array(bytes)], "dunes.jpg", { type: "image/jpeg" });
  const image = await new MediaBackend(server, { tokens }).uploadDirectly(file);
  return image.url;
}"""
RENEWED = """async ([server, tokens]) => {
  const { MediaBackend } = await import("/dist/index.js");
  const stored = [];
  const onTokens = (pair) => stored.push(pair);
  const expired = { ...tokens, access: "x" };
  const api = new MediaBackend(server, { tokens: expired, onTokens });
  const calls = Array.from({ length: 8 }, () => api.getAccount());
  const emails = (await Promise.all(calls)).map((user) => user.email);
  const late = new MediaBackend(server, { tokens: { ...api.tokens, access: "x" } });
  await late.signOut(); // although it has to renew the access token
  const ended = await api.getAccount().catch((error) => error.status);
  return { emails, renewals: stored.filter(Boolean).length, ended };
}"""


@pytest.fixture(scope="module")
def package(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the package, install its programs and build it."""
    folder = tmp_path_factory.mktemp("typescript") / "package"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("dist"))
    (folder / "node_modules").symlink_to(tools / "node_modules")
    run("npm", "run", "build", folder=folder)
    (folder / "index.html").write_text(
        "<!doctype html><link rel=icon href='data:,'><title>Test</title>"
    )
    return folder


@pytest.fixture
def page(browser: Browser, package: Path) -> Iterator[Page]:
    """Open a page of another origin, which DEBUG lets call the API."""
    with serving(package) as site:
        context = browser.new_context(base_url=site)
        page = context.new_page()
        page.goto("/")
        yield page
        context.close()


@pytest.fixture
def member(gunicorn: Server, make_member: Callable[..., Member]) -> Member:
    return make_member(gunicorn)


def tokens_of(member: Member) -> dict[str, str]:
    body = {"email": member.email, "password": PASSWORD}
    return member.http.post("/api/v1/auth/token/", json=body).json()


def test_types__are_those_of_the_document(package, tmp_path):
    program = package / "node_modules/.bin/openapi-typescript"
    made = tmp_path / "schema.ts"
    run(
        *(str(program), str(ROOT / "docs/openapi.yaml"), "-o", str(made)),
        folder=tmp_path,
    )
    committed = (PACKAGE / "src/schema.ts").read_text()
    assert made.read_text() == committed, "Run `make client-types`."


def test_package__passes_its_tests(package):
    assert "passed" in run("npm", "test", folder=package)


def test_package__has_only_the_client(package):
    printed = run("npm", "pack", "--dry-run", "--ignore-scripts", folder=package)
    assert "dist/index.d.ts" in printed
    assert "README.md" in printed
    assert "tests/" not in printed
    size = sum(len(file.read_bytes()) for file in (package / "dist").glob("*.js"))
    assert size < 20_000


@pytest.mark.browser
def test_browser__has_the_nine_features(page, gunicorn):
    email = new_email("ann")
    arguments = [gunicorn.url, email, PASSWORD, list(quarters(WARM, (320, 240)))]
    seen = page.evaluate(NINE_FEATURES, arguments)
    progress = seen.pop("progress")
    assert progress.count(1) == 2
    assert all(0 < share <= 1 for share in progress)
    assert seen == {
        "email": email, "captions": ["", "two", "changed"], "magic": "PK",
        "again": "no_active_account", "tokens": None, "edited": "changed",
        "moved": True, "kept": "changed", "width": 320, "renamed": "Ann",
        "deleted": 1, "count": 1,
    }  # fmt: skip


@pytest.mark.browser
def test_browser__aborts_uploads(page, gunicorn, member):
    bytes_ = list(quarters(WARM, (2000, 1500)))
    seen = page.evaluate(ABORTED, [gunicorn.url, tokens_of(member), bytes_])
    assert seen == ["AbortError", "AbortError"]


@pytest.mark.browser
def test_browser__falls_back_without_imagekit(page, gunicorn, member):
    ticket = {"filename": "a.jpg", "size": 9, "content_type": "image/jpeg"}
    target = member.http.post("/api/v1/uploads/", json=ticket).json()["upload_url"]
    refused = []

    def refuse(route):
        refused.append(route.request.url)
        route.abort()

    page.route(target, refuse)
    arguments = [gunicorn.url, tokens_of(member), list(quarters(WARM, (320, 240)))]
    url = page.evaluate(WITHOUT_IMAGEKIT, arguments)
    assert refused == [target]
    assert fetch(url).status_code == 200
    assert member.count() == 1


@pytest.mark.browser
def test_browser__renews_once(page, gunicorn, member):
    seen = page.evaluate(RENEWED, [gunicorn.url, tokens_of(member)])
    emails = [member.email] * 8
    assert seen == {"emails": emails, "renewals": 1, "ended": 401}
