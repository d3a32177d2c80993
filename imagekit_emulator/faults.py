"""Faults on demand, shared by all processes through the database."""

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
    """A fault of one kind, for the requests of one operation or of any.

    `operation` is a name in `routes.py` or "any". `next` applies the fault to that
    many requests and ends it; `every` applies it to every nth request until it is
    cleared. The kinds are:

    - `status`: answer with `status`; the work is not done.
    - `drop_before`: close the connection; the work is not done.
    - `latency`: do the work, then wait `seconds` before the answer.
    - `lost_response`: do the work, then close the connection.
    - `garbage`, `empty`: do the work, then answer broken JSON or none.
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
        """Read the body of a control request; raises ValueError for a wrong one."""
        unknown = set(body) - set(cls.__dataclass_fields__)
        if unknown or not {"operation", "kind"} <= set(body):
            raise ValueError(
                "operation and kind are needed; known keys are "
                + ", ".join(cls.__dataclass_fields__)
            )
        return cls(**body)


class Faults:
    """The faults that are set, oldest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, fault: Fault) -> None:
        """Set a fault; without `next` and `every` it applies to one request."""
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
        """Count a request; returns the fault that applies to it, if any."""
        match = "FROM faults WHERE operation IN (?, 'any')"
        with self._database.read() as connection:
            # Most requests meet no fault: for them a read is enough, without a lock.
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
