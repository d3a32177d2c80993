"""Packages from npm, and the programs in them."""

import fcntl
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent / "openapi_tools"


def unpack(package: str, integrity: str, folder: Path) -> Path:
    """Fetch one package such as `name@1.2.3`; return the folder of its files.

    `integrity` is the hash in the registry's answer, which npm compares with the file.
    """
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    folder.mkdir()
    done = subprocess.run(
        ["npm", "pack", "--json", "--pack-destination", folder, package],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (packed,) = json.loads(done.stdout)
    assert packed["integrity"] == integrity, f"{package} is not what it was"
    (file,) = folder.glob("*.tgz")
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def install_tools(folder: Path) -> None:
    """Install the programs of `openapi_tools`, unless the folder has them already."""
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    lock = (TOOLS / "package-lock.json").read_bytes()
    installed = folder / "installed-lock.json"
    # The tests run in several processes at once.
    with (folder / "lock").open("w") as mutex:
        fcntl.flock(mutex, fcntl.LOCK_EX)
        shutil.copytree(TOOLS, folder, dirs_exist_ok=True)
        if not installed.exists() or installed.read_bytes() != lock:
            run(
                *("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"),
                folder=folder,
                timeout=300,
            )
            installed.write_bytes(lock)


def run(*command: str, folder: Path, timeout: int = 120) -> str:
    """Run a program, which must succeed; return what it prints."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "REDOCLY_TELEMETRY": "off"},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed[-6000:]
    return printed


def run_tool(tools: Path, name: str, *arguments: str) -> str:
    return run(str(tools / "node_modules/.bin" / name), *arguments, folder=tools)
