"""The configuration files in the documentation."""

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"


def example(name: str, changes: dict[str, str]) -> str:
    """Return the text of an example with these changes."""
    return changed(EXAMPLES / name, changes)


def changed(path: Path, changes: dict[str, str]) -> str:
    """Return the text of a file with these changes; each must apply exactly once."""
    text = path.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} is expected once in {path.name}"
        text = text.replace(old, new)
    return text
