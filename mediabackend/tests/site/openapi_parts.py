"""Parts of the OpenAPI document."""

from typing import Any

Document = dict[str, Any]


def find(part: Any, name: str) -> list[Any]:
    """Return all values with this name in the document."""
    inner = part.values() if isinstance(part, dict) else part
    if not isinstance(part, dict | list):
        return []
    here = [part[name]] if isinstance(part, dict) and name in part else []
    return here + [value for child in inner for value in find(child, name)]


def resolve(document: Document, part: Document) -> Document:
    if "$ref" not in part:
        return part
    *_, kind, name = part["$ref"].split("/")
    return document["components"][kind][name]
