"""A copy of the project's files, as an unpacked archive would hold them.

Servers run in a copy, so that a developer's `.env`, database and pictures are
neither read nor touched.
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
    """Copy what is, or could be, committed to `target`; return `target`."""
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
    """Return the files that git does not ignore; None without git or its data."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return None
    names = [name for name in done.stdout.split("\0") if name]
    return names if done.returncode == 0 and "manage.py" in names else None
