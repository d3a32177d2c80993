"""The commands of the README, typed as they stand there."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from e2e.servers import Server, bare_environ

pytestmark = [pytest.mark.e2e, pytest.mark.any_database]


def snippet(code: Path) -> str:
    """Return the commands under "First upload"."""
    section = (code / "README.md").read_text().split("## First upload")[1]
    return re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]


def test_first_upload__works_twice(code: Path, runserver: Server):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    environ = bare_environ() | {"PORT": str(urlsplit(runserver.url).port)}
    for number in (1, 2):
        # -e: no command may fail.
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", snippet(code)],
            cwd=code,
            env=environ,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        image, listing = read_documents(done.stdout)
        assert image["removed_metadata"] == ["camera", "gps", "time"]
        assert image["caption"] == "At the sea"
        assert len(listing["results"]) == number


def read_documents(text: str) -> list[dict]:
    """Return the JSON documents that stand one behind the other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        document, end = decoder.raw_decode(text)
        found.append(document)
        text = text[end:]
    return found
