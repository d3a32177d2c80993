"""The image of the Dockerfile, built by buildah on a Debian that debootstrap makes."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from e2e.servers import bare_environ

PROGRAMS = ("buildah", "debootstrap", "unshare")
# Enters the image in a mount namespace of its own, as a container with a read-only root
# does: $0 is its root, $1 the user and $2 the folder with secrets. What it mounts ends
# with its last process.
_ENTER = """
set -e
user=$1 secrets=$2
shift 2
mount --bind "$0" "$0"
mount -t proc proc "$0/proc"
mount -t tmpfs -o mode=755 tmpfs "$0/dev"
for name in null zero random urandom; do
  touch "$0/dev/$name"
  mount --bind "/dev/$name" "$0/dev/$name"
done
mkdir -m 1777 "$0/dev/shm"
touch "$0/etc/hosts"
mount --bind /etc/hosts "$0/etc/hosts"
mount -t tmpfs tmpfs "$0/run"
mkdir "$0/run/secrets"
for file in $(ls "$secrets"); do
  touch "$0/run/secrets/$file"
  mount --bind "$secrets/$file" "$0/run/secrets/$file"
done
mount -o remount,bind,ro "$0"
mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"
exec chroot --userspec="$user" "$0" /usr/bin/env -i "$@"
"""


def require_builder() -> None:
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        pytest.skip(f"Not installed: {', '.join(missing)}")
    if os.geteuid() != 0:
        pytest.skip("Only root can make a base image with debootstrap")


@dataclass(frozen=True)
class Image:
    """The files of an image, and its configuration."""

    root: Path
    config: Mapping[str, Any]

    def command(
        self,
        words: Sequence[str],
        environ: Mapping[str, str],
        secrets: Path,
    ) -> tuple[str, ...]:
        """Return a command that runs `words` in a container with a read-only root.

        Without words it runs what the image runs. The network is that of this machine.
        """
        own = dict(line.split("=", 1) for line in self.config["Env"])
        variables = [f"{k}={v}" for k, v in (own | dict(environ)).items()]
        return (
            *("unshare", "--mount", "sh", "-c", _ENTER),
            *(str(self.root), self.config["User"], str(secrets)),
            *(f"--chdir={self.config['WorkingDir']}", *variables),
            *(words or self.config["Cmd"]),
        )


def build_image(folder: Path, code: Path) -> Image:
    """Build the Dockerfile of a copy of the project; all files are in `folder`."""
    base = _make_base(folder)
    _buildah(
        *(folder, "build", "--isolation", "chroot", "--format", "docker"),
        *("--build-arg", f"BASE={base}", "--pull-never"),
        *(f"--volume={place}:{place}:ro" for place in _places_for_pip()),
        *("--tag", "localhost/mediabackend", str(code)),
    )
    container = _buildah(folder, "from", "--pull-never", "localhost/mediabackend")
    root = _buildah(folder, "mount", container)
    described = json.loads(_buildah(folder, "inspect", container))
    return Image(Path(root), described["Docker"]["config"])


def _make_base(folder: Path) -> str:
    """Make an image of a small Debian with Python; return its name."""
    root = folder / "debian"
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    packages = "--include=python3,python3-venv,ca-certificates"
    command = ("debootstrap", "--variant=minbase", packages, release, str(root))
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    container = _buildah(folder, "from", "scratch")
    _buildah(folder, "copy", "--quiet", container, str(root), "/")
    _buildah(folder, "commit", "--quiet", "--rm", container, "localhost/base")
    shutil.rmtree(root)
    return "localhost/base"


def _buildah(folder: Path, *arguments: str) -> str:
    stores = ("--root", str(folder / "storage"), "--runroot", str(folder / "run"))
    done = subprocess.run(
        ("buildah", "--storage-driver", "vfs", *stores, *arguments),
        cwd=folder,
        env=bare_environ() | {"TMPDIR": str(folder)},
        capture_output=True,
        text=True,
    )
    output = f"{arguments}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert done.returncode == 0, output
    return done.stdout.strip()


def _places_for_pip() -> list[str]:
    """Return the files and folders with which pip finds packages on this machine."""
    command = ("python3", "-m", "pip", "config", "list")
    done = subprocess.run(command, capture_output=True, text=True)
    values = (line.partition("=")[2] for line in done.stdout.splitlines())
    words = " ".join(value.strip("'\"") for value in values).split()
    places = [Path(word.removeprefix("file://")) for word in words]
    named = [place for place in places if place.is_absolute()]
    usual = [Path(p) for p in ("/etc/ssl/certs", "/etc/pip.conf", "/etc/xdg/pip")]
    found = {place for place in (*usual, *named) if place.exists()}
    return sorted(str(p) for p in found if not found & set(p.parents))
