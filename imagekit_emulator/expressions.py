"""A parser of search queries and upload checks.

Both are conditions (`field operator value`) that are joined by AND, OR and parentheses.
AND binds tighter than OR: an assumption, as ImageKit does not document it.
"""

import re
from dataclasses import dataclass

MAX_LENGTH = 10_000
MAX_DEPTH = 20
MAX_CONDITIONS = 100
MAX_LIST = 500
JOINERS = {"AND", "OR"}
WORD_OPERATORS = {"IN", "HAS", "EXISTS"}
SIGN_OPERATORS = {"=", ":", "<", "<=", ">", ">="}
NEGATABLE = {"=", "IN", "HAS", "EXISTS"}

TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>"(?:[^"\\]|\\.)*")
    | (?P<sign><=|>=|=|<|>|:)
    | (?P<mark>[()\[\],])
    | (?P<word>[^\s"()\[\],=<>:]+)
    )""",
    re.VERBOSE | re.DOTALL,
)


class ExpressionError(ValueError):
    """The text is not an expression, or has an unknown name or value."""


@dataclass(frozen=True)
class Value:
    """A value; `quoted` is true for "1" and false for 1."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class Condition:
    field: str
    operator: str
    values: tuple[Value, ...]
    """No value for EXISTS, one or more for IN, one for others."""


@dataclass(frozen=True)
class Group:
    joiner: str
    parts: tuple["Node", ...]


Node = Condition | Group


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


END = _Token("end", "")


def parse(text: str, *, bare_fields: bool = True) -> Node:
    """Read an expression into a tree; `bare_fields` allows fields without quotes."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError("the expression is too long")
    parser = _Parser(_tokens(text), bare_fields)
    node = parser.any_of(depth=0)
    parser.expect_end()
    return node


def _tokens(text: str) -> list[_Token]:
    tokens = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if not match:
            raise ExpressionError(f"unexpected text at position {position}")
        kind = match.lastgroup or ""
        content = match[kind]
        if kind == "string":
            content = re.sub(r"\\(.)", r"\1", content[1:-1], flags=re.DOTALL)
        tokens.append(_Token(kind, content))
        position = match.end()
    return tokens


class _Parser:
    """A recursive-descent parser: any_of -> all_of -> operand -> condition."""

    def __init__(self, tokens: list[_Token], bare_fields: bool) -> None:
        self._tokens = tokens
        self._position = 0
        self._bare_fields = bare_fields
        self._conditions = 0

    def any_of(self, depth: int) -> Node:
        parts = [self._all_of(depth)]
        while self._accept("word", "OR"):
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else Group("OR", tuple(parts))

    def expect_end(self) -> None:
        if self._peek() is not END:
            raise ExpressionError(f"unexpected {self._peek().text!r}")

    def _all_of(self, depth: int) -> Node:
        parts = [self._operand(depth)]
        while self._accept("word", "AND"):
            parts.append(self._operand(depth))
        return parts[0] if len(parts) == 1 else Group("AND", tuple(parts))

    def _operand(self, depth: int) -> Node:
        if not self._accept("mark", "("):
            return self._condition()
        if depth >= MAX_DEPTH:
            raise ExpressionError("too many parentheses")
        node = self.any_of(depth + 1)
        self._expect("mark", ")")
        return node

    def _condition(self) -> Condition:
        self._conditions += 1
        if self._conditions > MAX_CONDITIONS:
            raise ExpressionError("too many conditions")
        field = self._next()
        if field.kind != "string" and not (field.kind == "word" and self._bare_fields):
            raise ExpressionError("a field name is missing")
        operator = self._operator()
        if operator.endswith("EXISTS"):
            return Condition(field.text, operator, ())
        if operator.endswith("IN"):
            return Condition(field.text, operator, self._list())
        return Condition(field.text, operator, (self._value(),))

    def _operator(self) -> str:
        token = self._next()
        negated = token == _Token("word", "NOT")
        if negated:
            token = self._next()
        known = WORD_OPERATORS if token.kind == "word" else SIGN_OPERATORS
        if token.kind not in {"word", "sign"} or token.text not in known:
            raise ExpressionError("an operator is missing")
        if negated and token.text not in NEGATABLE:
            raise ExpressionError(f"NOT cannot stand before {token.text}")
        return f"NOT {token.text}" if negated else token.text

    def _list(self) -> tuple[Value, ...]:
        self._expect("mark", "[")
        values = [self._value()]
        while self._accept("mark", ","):
            values.append(self._value())
        self._expect("mark", "]")
        if len(values) > MAX_LIST:
            raise ExpressionError("too many values in a list")
        return tuple(values)

    def _value(self) -> Value:
        token = self._next()
        is_joiner = token.kind == "word" and token.text in JOINERS
        if token.kind not in {"string", "word"} or is_joiner:
            raise ExpressionError("a value is missing")
        return Value(token.text, quoted=token.kind == "string")

    def _peek(self) -> _Token:
        if self._position < len(self._tokens):
            return self._tokens[self._position]
        return END

    def _next(self) -> _Token:
        token = self._peek()
        self._position += 1
        return token

    def _accept(self, kind: str, text: str) -> bool:
        if self._peek() == _Token(kind, text):
            self._position += 1
            return True
        return False

    def _expect(self, kind: str, text: str) -> None:
        if not self._accept(kind, text):
            raise ExpressionError(f"{text!r} is missing")
