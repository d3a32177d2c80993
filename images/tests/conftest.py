"""Fixtures of the image tests."""

import json
import shutil
import subprocess
from collections.abc import Callable

import pytest

from imagekit_emulator.transport import get_app
from images.imagekit.aliases import imagekit_storage
from images.imagekit.client import get_clients
from images.models import Image
from images.tests.changes import create_image
from images.tests.media.stripping import photographs
from images.tests.pictures import make_image


@pytest.fixture
def emulator():
    """Return the ImageKit that this test talks to, to look at or to disturb."""
    return get_app()


@pytest.fixture
def remote_paths() -> Callable[[], set[str]]:
    """Return what ImageKit stores right now, by path."""

    def paths() -> set[str]:
        client = get_clients(imagekit_storage().client_options).imagekit
        files = client.assets.list(search_query='type = "file"')
        return {file.file_path for file in files}

    return paths


@pytest.fixture
def deliver(client) -> Callable[[str], tuple[int, bytes]]:
    """Fetch a delivery URL as a browser would; returns status and body."""

    def fetch(url: str) -> tuple[int, bytes]:
        response = client.get(url)
        return response.status_code, response.getvalue()

    return fetch


@pytest.fixture
def stored_image(user) -> Callable[..., Image]:
    """Store an image of `user`, or of `owner`."""

    def make(*, owner=None, width=64, height=48, format="jpeg", **fields) -> Image:
        file = make_image(width, height, format)
        return create_image(owner=owner or user, file=file, **fields)

    return make


@pytest.fixture(scope="session")
def photos(tmp_path_factory) -> dict[str, bytes]:
    """Return files of every kind, by name, full of metadata."""
    if not shutil.which("exiftool"):
        pytest.skip("exiftool is not installed")
    return photographs.photographs(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="session")
def exiftool(tmp_path_factory) -> Callable[[dict[str, bytes]], dict[str, set[str]]]:
    """Return what exiftool finds in files: by file, `group:tag`s."""
    if not shutil.which("exiftool"):
        pytest.skip("exiftool is not installed")

    def look(files: dict[str, bytes]) -> dict[str, set[str]]:
        folder = tmp_path_factory.mktemp("seen")
        for name, content in files.items():
            (folder / name).write_bytes(content)
        command = ["exiftool", "-json", "-a", "-u", "-G1", *files]
        seen = subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return {
            found.pop("SourceFile"): set(found) for found in json.loads(seen.stdout)
        }

    return look
