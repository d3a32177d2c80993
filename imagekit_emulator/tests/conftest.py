"""An emulator for each test, reached in the process or over a socket."""

import io
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import httpx
import pytest
from imagekitio import ImageKit

from imagekit_emulator.app import Emulator
from imagekit_emulator.server import open_server
from imagekit_emulator.tests.pictures import make_image
from imagekit_emulator.transport import get_app, in_process_transport

PRIVATE_KEY = "private_x"
PUBLIC_KEY = "public_x"


@pytest.fixture(autouse=True)
def emulator_settings(settings, tmp_path):
    settings.IMAGEKIT_EMULATOR = {
        "ROOT": tmp_path / "account",
        "PRIVATE_KEY": PRIVATE_KEY,
        "PUBLIC_KEY": PUBLIC_KEY,
        "URL_ENDPOINT": "http://emulator/demo",
        "ALLOW_REMOTE": False,
    }


@pytest.fixture
def app(emulator_settings) -> Emulator:
    return get_app()


@pytest.fixture
def http(app) -> Iterator[httpx.Client]:
    """Reach the emulator in the process, without a key."""
    with httpx.Client(
        transport=in_process_transport(), base_url="http://emulator"
    ) as client:
        yield client


@pytest.fixture
def api(app) -> Iterator[httpx.Client]:
    """Reach the emulator in the process, with the private key."""
    with httpx.Client(
        transport=in_process_transport(),
        base_url="http://emulator",
        auth=(PRIVATE_KEY, ""),
    ) as client:
        yield client


@pytest.fixture
def live_url(app) -> Iterator[str]:
    """Serve the emulator on a port."""
    server = open_server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def make_sdk(base_url: str, transport: httpx.BaseTransport | None = None) -> ImageKit:
    return ImageKit(
        private_key=PRIVATE_KEY,
        password="",
        base_url=base_url,
        max_retries=0,
        http_client=httpx.Client(transport=transport),
        _strict_response_validation=True,
    )


@pytest.fixture
def sdk(app) -> Iterator[ImageKit]:
    """Reach the emulator through the official client, in the process."""
    with make_sdk("http://emulator", in_process_transport()) as client:
        yield client


@pytest.fixture(params=["in-process", "http"])
def any_sdk(request, app) -> Iterator[ImageKit]:
    """Reach the emulator through the official client, in the process and over HTTP."""
    if request.param == "in-process":
        client = make_sdk("http://emulator", in_process_transport())
    else:
        client = make_sdk(request.getfixturevalue("live_url"))
    with client:
        yield client


@pytest.fixture
def upload(sdk) -> Callable[..., SimpleNamespace]:
    """Upload a small picture to exactly this path."""

    def put(path: str = "/a.jpg", content: bytes | None = None, **fields):
        folder, _, name = path.rpartition("/")
        content = make_image() if content is None else content
        return sdk.files.upload(
            file=(name, io.BytesIO(content), "application/octet-stream"),
            file_name=name,
            folder=folder or "/",
            use_unique_file_name=False,
            **fields,
        )

    return put


@pytest.fixture
def fetch(http) -> Callable[..., httpx.Response]:
    """Get a delivery URL by its path and query."""

    def get(target: str, accept: str = "*/*", **headers: str) -> httpx.Response:
        return http.get(f"/demo{target}", headers={"Accept": accept, **headers})

    return get
