"""The TypeScript package has the version of the API."""

import json
from pathlib import Path

from mediabackend import __version__

PACKAGE = Path(__file__).resolve().parents[2] / "clients/typescript/package.json"


def test_version__is_the_one_of_the_api():
    assert json.loads(PACKAGE.read_text())["version"] == __version__
