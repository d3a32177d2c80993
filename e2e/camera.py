"""Screenshots, and fingerprints of the structure of the pages that they show."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import django
from playwright.sync_api import Locator, Page

FINGERPRINTS = "structure.json"
# The elements with their classes and the names of their fields, and the texts that are
# the same for all data. Of equal neighbours, such as the rows of a list, one counts.
_STRUCTURE = """
root => {
    const LABELS = "button, label, legend, summary, thead th, dt";
    function describe(element) {
        const parts = [element.localName, ...[...element.classList].sort()];
        for (const name of ["name", "type", "role"]) {
            parts.push(element.getAttribute(name) ?? "");
        }
        const texts = element.matches(LABELS) ? [...element.childNodes] : [];
        const text = texts
            .filter(node => node.nodeType === Node.TEXT_NODE)
            .map(node => node.data.trim()).join("");
        const children = [...element.children]
            .filter(child => !child.matches("script, style, svg *"))
            .map(describe)
            .filter((child, position, all) => child !== all[position - 1]);
        return `<${parts.join(" ")}>${text}${children.join("")}</>`;
    }
    return describe(root);
}
"""


@dataclass
class Camera:
    """Takes the pictures of one folder, and notes the structure of what they show."""

    folder: Path
    fingerprints: dict[str, str] = field(default_factory=dict)

    def take(
        self,
        page: Page,
        name: str,
        part: Locator | None = None,
        *,
        full_page: bool = False,
    ) -> None:
        """Take a picture of the page; `part` is what the fingerprint is made of."""
        shown = part or page.locator("body")
        text = shown.evaluate(_STRUCTURE)
        self.fingerprints[name] = hashlib.sha256(text.encode()).hexdigest()[:16]
        page.screenshot(path=self.folder / f"{name}.png", full_page=full_page)

    def save_fingerprints(self) -> None:
        found = {"django": series(), "pages": self.fingerprints}
        text = json.dumps(found, indent=2, sort_keys=True)
        (self.folder / FINGERPRINTS).write_text(f"{text}\n")


def series() -> str:
    """Return the series of Django, whose admin the pictures show."""
    return ".".join(map(str, django.VERSION[:2]))
