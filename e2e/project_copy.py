"""Copies of the project, like an unpacked archive.

Servers run a copy, so that they neither read nor change a developer's `.env`, database
and pictures.
"""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_NOT_SOURCE = shutil.ignore_patterns(
    ".git", ".venv", ".env", ".*_cache", ".hypothesis", "__pycache__", "var",
    "node_modules", "db.sqlite3*", "staticfiles",
)  # fmt: skip


def copy_project(target: Path) -> Path:
    """Copy the files that git has or would take to `target`; return `target`."""
    names = _git_files()
    if names is None:
        shutil.copytree(ROOT, target, ignore=_NOT_SOURCE, dirs_exist_ok=True)
        return target
    for name in names:
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target / name)
    return target


def _git_files() -> list[str] | None:
    """Return the files that git does not ignore; None outside a git repository."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    names = [name for name in done.stdout.split("\0") if name]
    return names if done.returncode == 0 and "manage.py" in names else None
