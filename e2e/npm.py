"""Packages from npm, each without the packages that it depends on."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest


def unpack(package: str, integrity: str, folder: Path) -> Path:
    """Fetch a package such as `name@1.2.3` and return the folder of its files.

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
