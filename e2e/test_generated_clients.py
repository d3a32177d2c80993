"""Generated clients run the nine features, the export and the deletion on gunicorn."""

import os
import sys
from pathlib import Path

import pytest

from e2e.api_client import PASSWORD, new_email
from e2e.npm import TOOLS, run, run_tool
from e2e.pictures import WARM, quarters
from e2e.servers import Server

pytestmark = [pytest.mark.e2e, pytest.mark.deep, pytest.mark.any_database]
DOCUMENT = Path(__file__).resolve().parent.parent / "docs/openapi.yaml"


@pytest.fixture
def arguments(gunicorn: Server, tmp_path: Path) -> list[str]:
    """Return what both programs take: server, email, password and a picture."""
    picture = tmp_path / "dunes.jpg"
    picture.write_bytes(quarters(WARM, (320, 240)))
    return [gunicorn.url, new_email("ann"), PASSWORD, str(picture)]


def test_typescript__runs_everything(tools, arguments, tmp_path):
    run_tool(
        tools, "openapi-typescript", str(DOCUMENT), "-o", str(tmp_path / "generated.ts")
    )
    program = (TOOLS / "nine_features.ts").read_text()
    (tmp_path / "nine_features.ts").write_text(program)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(tools / "node_modules")
    run(
        *("node_modules/.bin/tsc", "--strict", "--target", "es2022"),
        *("--module", "nodenext", "--types", "node", "--skipLibCheck"),
        "nine_features.ts",
        folder=tmp_path,
    )
    assert "done" in run("node", "nine_features.js", *arguments, folder=tmp_path)


def test_python__runs_everything(arguments, tmp_path):
    uv = str(Path(sys.executable).parent / "uv")
    run(
        *(uv, "tool", "run", "--from", "openapi-python-client==0.29.1"),
        *("openapi-python-client", "generate", "--path", str(DOCUMENT)),
        *("--meta", "none", "--output-path", "client"),
        folder=tmp_path,
        timeout=300,
    )
    program = tmp_path / "nine_features.py"
    program.write_text((TOOLS / "nine_features.py").read_text())
    run(
        *(sys.executable, "-m", "mypy", "--config-file", os.devnull),
        *("--follow-imports=silent", str(program)),
        folder=tmp_path,
    )
    # The client's own packages: httpx, attrs and python-dateutil.
    needed = [
        word
        for name in ("httpx", "attrs", "python-dateutil")
        for word in ("--with", name)
    ]
    printed = run(
        *(uv, "run", "--no-project", "--python", sys.executable, *needed),
        *("python", str(program), *arguments),
        folder=tmp_path,
        timeout=300,
    )
    assert "done" in printed
