"""A strict parser for JSON; see RFC 8259 and RFC 7493 (I-JSON)."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

MAX_DEPTH = 32
# The largest integer of a database column, plus one.
_MAX_INTEGER = 2**63
# Possessive, and the closing quote may be missing: this takes linear time.
_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
_HALF_PAIR = re.compile("[\ud800-\udfff]")


class JSONParser(parsers.JSONParser):
    """Refuses JSON that other programs read differently or not at all.

    That is: more than 32 levels of nesting, which would end in a RecursionError; the
    same name twice in an object; NaN and infinities; integers of more than 64 bits;
    and halves of surrogate pairs, which cannot be written in UTF-8.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the data; raises ParseError."""
        encoding = parsers.get_encoding(parser_context or {})  # type: ignore[attr-defined]
        try:
            return parse_json(stream.read().decode(encoding))
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error


def parse_json(text: str) -> Any:
    """Return the data; raises ValueError."""
    _check_depth(text)
    data = json.loads(
        text,
        object_pairs_hook=_object,
        parse_int=_integer,
        parse_float=_number,
        parse_constant=_constant,
    )
    # Only an escape can make one.
    if "\\u" in text and _HALF_PAIR.search(json.dumps(data, ensure_ascii=False)):
        raise ValueError("A string has half of a surrogate pair.")
    return data


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(text):
        if (first := token[0][0]) in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise ValueError(f"More than {MAX_DEPTH} levels.")
        elif first != '"':
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("An object has the same name twice.")
    return data


def _integer(digits: str) -> int:
    # The length is checked first, as converting takes quadratic time.
    if len(digits) > 20 or not -_MAX_INTEGER <= (number := int(digits)) < _MAX_INTEGER:
        raise ValueError("An integer has more than 64 bits.")
    return number


def _number(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise ValueError("A number is too large.")
    return number


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")
