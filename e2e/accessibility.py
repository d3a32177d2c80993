"""axe-core, a checker of the accessibility of pages."""

import shutil
import subprocess
from pathlib import Path

from playwright.sync_api import Page

NODE = Path(__file__).with_name("node")


def install_axe(folder: Path) -> str:
    """Install axe-core into a folder, which may be kept; return its script."""
    lock = (NODE / "package-lock.json").read_bytes()
    installed = folder / "installed-lock.json"
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NODE / name, folder / name)
    if not installed.exists() or installed.read_bytes() != lock:
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(
            command, cwd=folder, check=True, timeout=120, capture_output=True
        )
        installed.write_bytes(lock)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()


def width_of(page: Page) -> int:
    """Return the width of a page's content, once its styles are there."""
    page.wait_for_load_state()
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def all_findings(page: Page, axe: str) -> list[str]:
    """Return the findings of axe-core on the current page, each after its impact."""
    page.wait_for_load_state()
    # `evaluate` uses the DevTools protocol, to which the page's policy does not apply.
    page.evaluate(axe)
    result = page.evaluate("axe.run()")
    assert result["passes"], "axe-core did not look at anything"
    return [
        f"{found['impact']}: {found['id']} at {node['target']}: {found['help']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]
