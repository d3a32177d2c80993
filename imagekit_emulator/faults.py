"""Faults on demand, shared by all processes through the index."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from imagekit_emulator.database import Database

KINDS = frozenset(
    {"status", "latency", "lost_response", "drop_before", "garbage", "empty"}
)
MAX_SECONDS = 600


@dataclass(frozen=True)
class Fault:
    """What goes wrong, for which operation and how often.

    `operation` is the name of one (see `routes.py`) or "any". With `next` the fault
    meets that many requests and is gone; with `every` each such request, for ever.
    Kinds: `status` (answers `status` instead of working), `drop_before` (closes the
    connection instead of working), `latency` (works, then waits `seconds`),
    `lost_response` (works, then closes the connection), `garbage` and `empty`
    (works, then answers broken or no JSON).
    """

    operation: str
    kind: str
    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    seconds: float = 0.0
    next: int | None = None
    every: int | None = None

    def __post_init__(self) -> None:
        for problem, is_wrong in (
            (f"kind must be one of {sorted(KINDS)}", self.kind not in KINDS),
            ("operation must be text", not isinstance(self.operation, str)),
            ("status must be 200 to 599", not _whole(self.status, 200, 599)),
            ("headers must map text to text", not _text_map(self.headers)),
            ("seconds must be 0 to 600", not _seconds(self.seconds)),
            ("next must be 1 or more", not _whole_or_none(self.next)),
            ("every must be 1 or more", not _whole_or_none(self.every)),
            ("give next or every, not both", bool(self.next and self.every)),
        ):
            if is_wrong:
                raise ValueError(problem)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Fault":
        """Read the body of the control API; ValueError says what is wrong."""
        unknown = set(body) - set(cls.__dataclass_fields__)
        if unknown or not {"operation", "kind"} <= set(body):
            raise ValueError(
                "operation and kind are needed; known keys are "
                + ", ".join(cls.__dataclass_fields__)
            )
        return cls(**body)


class Faults:
    """The faults that are set now, oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, fault: Fault) -> None:
        """Set a fault; without `next` and `every` it meets one request."""
        if fault.next is None and fault.every is None:
            fault = Fault(**(asdict(fault) | {"next": 1}))
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO faults (operation, definition) VALUES (?, ?)",
                (fault.operation, json.dumps(asdict(fault))),
            )

    def clear(self) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM faults")

    def all(self) -> list[Fault]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT definition FROM faults ORDER BY seq")
            return [Fault(**json.loads(row["definition"])) for row in rows]

    def take(self, operation: str) -> Fault | None:
        """Count this request and give the fault that meets it, if one does."""
        match = "FROM faults WHERE operation IN (?, 'any')"
        with self._database.read() as connection:
            # Reading first keeps the write lock out of the way of normal requests.
            if not connection.execute(
                f"SELECT 1 {match} LIMIT 1",  # noqa: S608
                (operation,),
            ).fetchone():
                return None
        with self._database.write() as connection:
            rows = connection.execute(
                f"SELECT * {match} ORDER BY seq",  # noqa: S608
                (operation,),
            ).fetchall()
            for row in rows:
                fault = Fault(**json.loads(row["definition"]))
                seen = row["seen"] + 1
                connection.execute(
                    "UPDATE faults SET seen = ? WHERE seq = ?", (seen, row["seq"])
                )
                if fault.next is not None and seen >= fault.next:
                    connection.execute(
                        "DELETE FROM faults WHERE seq = ?", (row["seq"],)
                    )
                if fault.next is not None or seen % (fault.every or 1) == 0:
                    return fault
        return None


def _whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _whole_or_none(value: Any) -> bool:
    return value is None or _whole(value, 1, 10**9)


def _seconds(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= MAX_SECONDS


def _text_map(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(text, str) and text.isascii() and text.isprintable()
        for pair in value.items()
        for text in pair
    )
