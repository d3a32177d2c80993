"""Compilation of search queries to SQL."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from imagekit_emulator.expressions import (
    Condition,
    ExpressionError,
    Group,
    Node,
    Value,
    parse,
)
from imagekit_emulator.names import find_folder
from imagekit_emulator.value_units import boolean, byte_size, moment, number, plain_text

EQUALITY = frozenset({"=", "NOT =", "IN", "NOT IN"})
TEXT = EQUALITY | {":"}
ORDER = EQUALITY | {"<", "<=", ">", ">="}
TAGS = frozenset({"IN", "NOT IN", "HAS", "NOT HAS", "EXISTS", "NOT EXISTS"})
METADATA = TEXT | ORDER | TAGS
KINDS = {"file", "file-version", "folder"}
# The greatest character: texts with a prefix are those from `prefix` up to, but not
# including, `prefix` + this, which an index finds.
LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True)
class Sql:
    """A condition on `assets`, and the values for its question marks."""

    text: str
    parameters: tuple[Any, ...] = ()


def compile_search(query: str) -> Sql:
    """Compile a `searchQuery`; it finds files only, unless it has a `type`."""
    tree = parse(query)
    compiled = _compile(tree)
    if _names_type(tree):
        return compiled
    return Sql(f"kind = 'file' AND {compiled.text}", compiled.parameters)


def _names_type(node: Node) -> bool:
    if isinstance(node, Group):
        return any(_names_type(part) for part in node.parts)
    return node.field == "type"


def inside_folder(folder: str) -> Sql:
    """Return the condition that a file or folder is at any depth in `folder`."""
    below = folder.rstrip("/") + "/"
    return Sql(
        "(folder = ? OR (folder >= ? AND folder < ?))",
        (folder, below, below + LAST_CHARACTER),
    )


def _compile(node: Node) -> Sql:
    if isinstance(node, Condition):
        return _condition(node)
    parts = [_compile(part) for part in node.parts]
    text = f" {node.joiner} ".join(part.text for part in parts)
    return Sql(f"({text})", tuple(value for part in parts for value in part.parameters))


def _condition(condition: Condition) -> Sql:
    match = re.fullmatch(
        r"(customMetadata|embeddedMetadata)\.([A-Za-z0-9_-]{1,100})", condition.field
    )
    if match:
        return _metadata(condition, match[1], match[2])
    special = SPECIAL.get(condition.field)
    if special:
        return special(condition)
    if condition.field not in COLUMNS:
        raise ExpressionError(f"unknown field {condition.field!r}")
    column, operators, read = COLUMNS[condition.field]
    if condition.operator not in operators:
        raise ExpressionError(
            f"operator {condition.operator} does not fit {condition.field}"
        )
    return _compare(column, condition, [read(v) for v in condition.values])


def _compare(column: str, condition: Condition, values: list[Any]) -> Sql:
    operator = condition.operator
    if operator in {"IN", "NOT IN"}:
        marks = ", ".join("?" * len(values))
        # A missing value is in no list, but for it SQL gives NULL.
        text = f"ifnull({column} IN ({marks}), 0)"
        return Sql(f"NOT {text}" if operator == "NOT IN" else text, tuple(values))
    if operator == ":":
        return Sql(
            f"({column} >= ? AND {column} < ?)",
            (values[0], values[0] + LAST_CHARACTER),
        )
    sign = {"=": "IS", "NOT =": "IS NOT"}.get(operator, operator)
    return Sql(f"{column} {sign} ?", tuple(values))


def _name(condition: Condition) -> Sql:
    if condition.operator == "HAS":
        words = re.split(r"[\s_.\-]+", condition.values[0].text.lower().strip())
        text = " AND ".join(["instr(lower(name), ?) > 0"] * len(words))
        return Sql(f"({text})", tuple(words))
    if condition.operator not in TEXT:
        raise ExpressionError(f"operator {condition.operator} does not fit name")
    return _compare("name", condition, [v.text for v in condition.values])


def _path(condition: Condition) -> Sql:
    if condition.operator not in TEXT:
        raise ExpressionError(f"operator {condition.operator} does not fit path")
    folders = [find_folder(v.text) for v in condition.values]
    if condition.operator != ":":
        return _compare("folder", condition, folders)
    return inside_folder(folders[0])


def _tags(condition: Condition) -> Sql:
    if condition.operator not in TAGS:
        raise ExpressionError(f"operator {condition.operator} does not fit tags")
    values = tuple(v.text for v in condition.values)
    marks = ", ".join("?" * len(values))
    where = f"WHERE tag IN ({marks})" if values else ""
    text = f"version_id IN (SELECT version_id FROM asset_tags {where})"  # noqa: S608
    return Sql(f"NOT {text}" if condition.operator.startswith("NOT") else text, values)


def _metadata(condition: Condition, group: str, name: str) -> Sql:
    column = "custom_metadata" if group == "customMetadata" else "embedded_metadata"
    pointer = f'$."{name}"'
    if condition.operator in {"EXISTS", "NOT EXISTS"}:
        sign = "IS NOT" if condition.operator == "EXISTS" else "IS"
        return Sql(f"json_extract({column}, ?) {sign} NULL", (pointer,))
    values = tuple(_typed(v) for v in condition.values)
    if condition.operator in {"HAS", "NOT HAS"}:
        text = (
            f"EXISTS (SELECT 1 FROM json_each({column}, ?)"  # noqa: S608
            " WHERE json_each.value = ?)"
        )
        negation = "NOT " if condition.operator == "NOT HAS" else ""
        return Sql(negation + text, (pointer, *values))
    if condition.operator == ":":
        text = f"ifnull(substr(json_extract({column}, ?), 1, ?) = ?, 0)"
        prefix = condition.values[0].text
        return Sql(text, (pointer, len(prefix), prefix))
    compared = _compare(f"json_extract({column}, ?)", condition, list(values))
    return Sql(compared.text, (pointer, *compared.parameters))


def _typed(value: Value) -> Any:
    if value.quoted:
        return value.text
    if value.text in {"true", "false"}:
        return boolean(value)
    return number(value)


def _kind(value: Value) -> str:
    if value.text not in KINDS:
        raise ExpressionError(f"unknown type {value.text!r}")
    return value.text


IS = frozenset({"=", "NOT ="})

# field -> (column, operators, how a value is read)
COLUMNS: Mapping[str, tuple[str, frozenset[str], Callable[[Value], Any]]] = {
    "id": ("file_id", EQUALITY, plain_text),
    "type": ("kind", EQUALITY, _kind),
    "createdAt": ("created_at", ORDER, moment),
    "updatedAt": ("updated_at", ORDER, moment),
    "size": ("size", ORDER, byte_size),
    "width": ("width", ORDER, number),
    "height": ("height", ORDER, number),
    "format": ("format", EQUALITY, plain_text),
    "private": ("is_private", IS, boolean),
    "published": ("is_published", IS, boolean),
    "transparency": ("has_alpha", IS, boolean),
    # Uploads through the API have no owner, and videos are not inspected.
    "createdBy": ("NULL", EQUALITY, plain_text),
    "videoDuration": ("NULL", ORDER, number),
}
SPECIAL: Mapping[str, Callable[[Condition], Sql]] = {
    "name": _name,
    "path": _path,
    "tags": _tags,
}
