"""The pictures in the documents show the pages as they are."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from e2e.camera import FINGERPRINTS, Camera, series
from e2e.project_copy import ROOT
from e2e.screenshots import PICTURES, take_all
from e2e.servers import development_server

NOTED = json.loads((PICTURES / FINGERPRINTS).read_text())


def test_pictures__are_all_made_by_the_command():
    assert {path.stem for path in PICTURES.glob("*.png")} == set(NOTED["pages"])


def test_pictures__in_the_documents_exist():
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for name in re.findall(r"!\[[^]]*\]\((\S+?\.png)\)", path.read_text()):
            assert (path.parent / name).is_file(), f"{path.name}: {name}"


@pytest.mark.deep
@pytest.mark.e2e
@pytest.mark.browser
@pytest.mark.any_database
def test_pictures__show_the_pages_as_they_are(
    browser: Browser, code: Path, tmp_path: Path, database_url: str
):
    if NOTED["django"] != series():
        pytest.skip(f"The pictures show Django {NOTED['django']}")
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    camera = Camera(pictures)
    state = tmp_path / "state"
    with development_server(code, state, database_url, worker=True) as server:
        take_all(browser, server, camera)
    stale = {
        name
        for name in camera.fingerprints.keys() | NOTED["pages"].keys()
        if camera.fingerprints.get(name) != NOTED["pages"].get(name)
    }
    assert not stale, "These have another structure now: run `make screenshots`."
