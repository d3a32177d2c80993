"""The examples of docs/direct-upload.md, run in Node and in Chromium."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from e2e.api_client import Member, fetch
from e2e.browsing import watch_for_errors
from e2e.npm import unpack
from e2e.pictures import landscape
from e2e.servers import Server, gunicorn_server
from e2e.sites import serving

pytestmark = [pytest.mark.e2e, pytest.mark.deep]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "direct-upload.md"
UPPY = (
    "uppy@6.0.1",
    "sha512-2OONMUNUHGBNkfSjNpWDhleeCeqm2oP+8NJRSxkkFVLmm3BbE7S+XCm45+jp36z7PCRuogtm1FgY"
    "PKa0iKbYAQ==",
)
IMAGEKIT = (
    "@imagekit/javascript@5.5.1",
    "sha512-eGEbZGKCqX/rC1iwceb1pLg5oHJhGkH68+i6JhFFSDktrdCMC/475a5R0Obtnk6IbIc4eV+1vynk"
    "K4WZFeLWEQ==",
)
INDEX = """<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">{"imports": {"uppy": "/uppy.mjs"}}</script>
<script>
  const jpeg = (bytes) =>
    new File([new Uint8Array(bytes)], "dunes.jpg", { type: "image/jpeg" });
</script>
"""
NODE = """
import { readFile } from "node:fs/promises";
import { upload } from "./direct-upload.mjs";

const [server, token, path] = process.argv.slice(2);
const file = new Blob([await readFile(path)], { type: "image/jpeg" });
file.name = "dunes.jpg";
const image = await upload(server, token, file, { caption: "Dunes" });
process.stdout.write(JSON.stringify(image));
"""
IN_BROWSER = """async ([server, token, bytes]) => {
  const { upload } = await import("/direct-upload.mjs");
  return upload(server, token, jpeg(bytes), { caption: "Dunes" });
}"""
WITH_UPPY = """async ([server, token, pictures]) => {
  const { makeUppy } = await import("/uppy-direct.mjs");
  const uppy = makeUppy(server, token);
  const progress = [];
  uppy.on("upload-progress", (file, { bytesUploaded }) => progress.push(bytesUploaded));
  pictures.forEach((bytes, number) => uppy.addFile({
    name: `${number}.jpg`,
    type: "image/jpeg",
    data: jpeg(bytes),
    meta: { caption: `Dunes ${number}` },
  }));
  const { successful, failed } = await uppy.upload();
  return {
    images: successful.map((file) => file.image),
    failed: failed.map((file) => file.error),
    progress,
  };
}"""
RETRY_WITH_UPPY = """async ([server, token, bytes]) => {
  const { makeUppy } = await import("/uppy-direct.mjs");
  const uppy = makeUppy(server, token);
  uppy.addFile({ name: "a.jpg", type: "image/jpeg", data: jpeg(bytes) });
  const first = await uppy.upload();
  const second = await uppy.retryAll();
  return [first.failed.length, second.successful.map((file) => file.image.id)];
}"""
WITH_IMAGEKIT = """async ([server, token, bytes, more]) => {
  const { post } = await import("/direct-upload.mjs");
  const { upload } = await import("/imagekit.mjs");
  const file = jpeg(bytes);
  const ticket = await post(`${server}/api/v1/uploads/`, token, {
    filename: "a.jpg", size: file.size, content_type: "image/jpeg",
  });
  const { transformation, checks, ...fields } = ticket.fields;
  return upload({ file, ...fields, ...more }).then(() => "stored", (e) => e.message);
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the examples and the libraries."""
    folder = tmp_path_factory.mktemp("libraries")
    for code in re.findall(r"```js\n(.*?)```", PAGE.read_text(), re.DOTALL):
        name = code.partition("\n")[0].removeprefix("// ")
        (folder / name).write_text(code)
    (folder / "index.html").write_text(INDEX)
    uppy = unpack(*UPPY, folder / "npm-uppy")
    shutil.copy(uppy / "dist" / "uppy.min.mjs", folder / "uppy.mjs")
    imagekit = unpack(*IMAGEKIT, folder / "npm-imagekit")
    shutil.copy(imagekit / "dist" / "imagekit.esm.js", folder / "imagekit.mjs")
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[str]:
    with serving(folder) as url:
        yield url


@pytest.fixture(scope="module")
def server(
    code: Path, site: str, tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> Iterator[Server]:
    own = tmp_path_factory.mktemp("direct")
    with gunicorn_server(code, own, database_url, CORS_ALLOWED_ORIGINS=site) as it:
        yield it


@pytest.fixture
def account(server: Server, member: Member) -> list[str]:
    """Return the server and the token that the programs take first."""
    return [server.url, member.http.headers["Authorization"].removeprefix("Bearer ")]


@pytest.fixture
def page(browser: Browser, site: str, console_errors: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=site)
    page = context.new_page()
    watch_for_errors(page, console_errors)
    page.goto("/")
    yield page
    context.close()


def run_node(*arguments: str, folder: Path) -> str:
    """Run Node, which must succeed; return what it prints."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("node is not installed")
    done = subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def dunes() -> bytes:
    return landscape((250, 180, 90), (120, 60, 110))


def assert_stored(member: Member, image: dict, caption: str = "Dunes") -> None:
    assert image["caption"] == caption
    kept = member.http.get(f"/api/v1/images/{image['id']}/").json()
    assert kept["url"] == image["url"]
    assert fetch(image["url"]).status_code == 200


def test_fetch__uploads_from_node(folder, account, member, tmp_path):
    picture = tmp_path / "dunes.jpg"
    picture.write_bytes(dunes())
    (folder / "run.mjs").write_text(NODE)
    printed = run_node("run.mjs", *account, str(picture), folder=folder)
    assert_stored(member, json.loads(printed))


def test_json_of_a_ticket__is_as_node_writes_it(member, tmp_path):
    body = {"filename": "a.jpg", "size": 1000, "content_type": "image/jpeg"}
    ticket = member.http.post("/api/v1/uploads/", json=body).json()
    value = ticket["fields"]["transformation"]
    again = "process.stdout.write(JSON.stringify(JSON.parse(process.argv[1])))"
    assert run_node("-e", again, value, folder=tmp_path) == value


@pytest.mark.browser
def test_fetch__uploads_from_a_page(page, account, member, console_errors):
    image = page.evaluate(IN_BROWSER, [*account, list(dunes())])
    assert_stored(member, image)
    assert console_errors == []


@pytest.mark.browser
def test_uppy__uploads_several_files(page, account, member, console_errors):
    pictures = [list(dunes()), list(landscape((10, 20, 30), (40, 50, 60)))]
    result = page.evaluate(WITH_UPPY, [*account, pictures])
    assert result["failed"] == []
    for number, image in enumerate(result["images"]):
        assert_stored(member, image, f"Dunes {number}")
    assert member.count() == len(result["images"]) == 2
    assert max(result["progress"]) >= len(pictures[1])
    assert console_errors == []


@pytest.mark.browser
def test_uppy__gets_a_new_ticket_when_it_tries_again(page, account, member):
    failed = []

    def fail_once(route) -> None:
        if failed:
            route.continue_()
        else:
            failed.append(route.request.url)
            route.abort()

    page.route("**/api/v2/files/upload", fail_once)
    failures, images = page.evaluate(RETRY_WITH_UPPY, [*account, list(dunes())])
    assert failures == len(failed) == 1
    assert [
        image["id"] for image in member.http.get("/api/v1/images/").json()["results"]
    ] == images


@pytest.mark.browser
@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "Missing public key for upload"),
        ({"publicKey": "public_x"}, "Missing signature for upload"),
        (
            {"publicKey": "public_x", "signature": "0" * 40, "expire": 1},
            "The token is for version 2 of the upload API",
        ),
    ],
    ids=["ticket", "with the key", "with a signature"],
)
def test_imagekit_javascript__is_refused_with_the_reason(  # noqa: PLR0913
    page, server, account, member, more, said
):
    def to_emulator(route) -> None:
        answer = httpx.post(
            f"{server.imagekit['IMAGEKIT_API_URL']}/api/v1/files/upload",
            content=route.request.post_data_buffer,
            headers={"Content-Type": route.request.headers["content-type"]},
            trust_env=False,
        )
        route.fulfill(
            status=answer.status_code,
            body=answer.content,
            content_type="application/json",
            headers={"Access-Control-Allow-Origin": "*"},
        )

    page.route("https://upload.imagekit.io/api/v1/files/upload", to_emulator)
    assert said in page.evaluate(WITH_IMAGEKIT, [*account, list(dunes()), more])
    assert member.count() == 0
