"""Upload checks: conditions that an upload and its file must meet."""

import json
from collections.abc import Callable, Mapping
from operator import ge, gt, le, lt
from typing import Any

from imagekit_emulator.errors import ApiError
from imagekit_emulator.expressions import Condition, ExpressionError, Node, Value, parse
from imagekit_emulator.media_types import MediaInfo
from imagekit_emulator.value_units import boolean, byte_size, number, plain_text

TEXT = frozenset({"=", "NOT =", ":", "IN", "NOT IN"})
IS = frozenset({"=", "NOT ="})
ORDER = frozenset({"=", ">", ">=", "<", "<="})
HAS = frozenset({"HAS", "NOT HAS"})
ANY = TEXT | ORDER | HAS
COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge}
CUSTOM = "request.customMetadata."

TEXT_FIELDS = ("fileName", "folder", "customCoordinates", "webhookUrl")
FLAG_DEFAULTS = {
    "useUniqueFileName": "true",
    "isPrivateFile": "false",
    "isPublished": "true",
    "overwriteFile": "true",
    "overwriteTags": "true",
    "overwriteAITags": "true",
    "overwriteCustomMetadata": "true",
}
NUMBERS = ("width", "height", "duration", "bitRate")
OPERATORS: Mapping[str, frozenset[str]] = (
    {f"request.{name}": TEXT for name in TEXT_FIELDS}
    | {f"request.{name}": IS for name in FLAG_DEFAULTS}
    | {"request.tags": HAS, "file.size": ORDER, "file.mime": TEXT}
    | {f"mediaMetadata.{name}": ORDER for name in NUMBERS}
    | {f"mediaMetadata.{name}": TEXT for name in ("videoCodec", "audioCodec")}
)

Facts = Mapping[str, Any]


def parse_checks(text: str) -> Node:
    """Read the checks of an upload; 400 when they are not well formed."""
    try:
        tree = parse(text, bare_fields=False)
        _verify(tree)
    except ExpressionError as error:
        raise ApiError(400, f"The checks parameter is invalid: {error}.") from error
    return tree


def facts_of(fields: Mapping[str, str], info: MediaInfo) -> dict[str, Any]:
    """Return the values of the fields that checks can name."""
    facts: dict[str, Any] = {
        f"request.{name}": fields.get(name, "") for name in TEXT_FIELDS
    }
    for name, default in FLAG_DEFAULTS.items():
        facts[f"request.{name}"] = fields.get(name, default) == "true"
    facts["request.folder"] = fields.get("folder") or "/"
    facts["request.tags"] = [t.strip() for t in fields.get("tags", "").split(",")]
    for name, value in json.loads(fields.get("customMetadata") or "{}").items():
        facts[CUSTOM + name] = value
    facts |= {"file.size": info.size, "file.mime": info.mime}
    facts |= {"mediaMetadata.width": info.width, "mediaMetadata.height": info.height}
    return facts


def holds(node: Node, facts: Facts) -> bool:
    """Tell whether the checks are met."""
    if isinstance(node, Condition):
        return _condition_holds(node, facts)
    results = (holds(part, facts) for part in node.parts)
    return all(results) if node.joiner == "AND" else any(results)


def _verify(node: Node) -> None:
    """Refuse unknown fields, and operators and values that do not fit a field."""
    if not isinstance(node, Condition):
        for part in node.parts:
            _verify(part)
        return
    custom = node.field.startswith(CUSTOM) and len(node.field) > len(CUSTOM)
    operators = ANY if custom else OPERATORS.get(node.field)
    if operators is None:
        raise ExpressionError(f"unknown field {node.field!r}")
    if node.operator not in operators:
        raise ExpressionError(f"operator {node.operator} does not fit {node.field}")
    for value in node.values:
        _reader(node)(value)


def _reader(condition: Condition) -> Callable[[Value], Any]:
    """Return the function that reads the values of a condition."""
    if condition.field == "file.size":
        return byte_size
    if condition.field.startswith("mediaMetadata.") and (
        OPERATORS[condition.field] is ORDER
    ):
        return number
    if OPERATORS.get(condition.field) is IS:
        return boolean
    return plain_text


def _condition_holds(condition: Condition, facts: Facts) -> bool:
    operator = condition.operator.removeprefix("NOT ")
    fact = facts.get(condition.field)
    wanted = [_reader(condition)(value) for value in condition.values]
    if condition.field.startswith(CUSTOM):
        wanted = [_like(fact, value) for value in wanted]
    result = _compare(operator, fact, wanted)
    return not result if condition.operator.startswith("NOT ") else result


def _like(fact: Any, text: str) -> Any:
    """Read the text of a condition as a value of the same type as `fact`."""
    value = Value(text, quoted=False)
    try:
        if isinstance(fact, bool):
            return boolean(value)
        if isinstance(fact, int | float):
            return number(value)
    except ExpressionError:
        return None
    return text


def _compare(operator: str, fact: Any, wanted: list[Any]) -> bool:
    if operator in {"=", "IN"}:
        return fact in wanted
    if operator == "HAS":
        return isinstance(fact, list) and wanted[0] in fact
    if operator == ":":
        return isinstance(fact, str) and fact.startswith(wanted[0])
    if fact is None or isinstance(fact, str) is not isinstance(wanted[0], str):
        return False
    if not isinstance(fact, str | int | float) or wanted[0] is None:
        return False
    return bool(COMPARE[operator](fact, wanted[0]))
