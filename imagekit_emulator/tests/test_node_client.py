"""The official Node client against the emulator."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

NODE = Path(__file__).with_name("node")


@pytest.fixture(scope="session")
def node_project(request) -> Path:
    """Install the client into a folder that is kept after the run, but not in git."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("node is not installed")
    folder = request.config.cache.mkdir("imagekit_emulator_node")
    lock = (NODE / "package-lock.json").read_bytes()
    installed = folder / "installed-lock.json"
    for name in ("package.json", "package-lock.json", "account.mjs"):
        shutil.copy(NODE / name, folder / name)
    if not installed.exists() or installed.read_bytes() != lock:
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(
            command, cwd=folder, check=True, timeout=120, capture_output=True
        )
        installed.write_bytes(lock)
    return folder


def test_node__uploads_lists_gets_and_deletes(node_project, live_url):
    done = subprocess.run(
        ["node", "account.mjs", live_url, "private_x"],
        cwd=node_project,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "tags": ["x", "y"],
        "width": 1,
        "listed": ["a.gif", "b.gif", "c.gif"],
        "delivered": 200,
        "deleted": 2,
        "left": 0,
        "missing": 404,
    }
