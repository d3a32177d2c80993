"""The configuration files of the documentation, as the tests run them."""

from pathlib import Path

EXAMPLES = Path(__file__).resolve().parent.parent / "docs" / "examples"


def example(name: str, changes: dict[str, str]) -> str:
    """Return a file's text with these changes, each of which must apply once."""
    text = (EXAMPLES / name).read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} is expected once in {name}"
        text = text.replace(old, new)
    return text
