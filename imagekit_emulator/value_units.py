"""Values of expressions: texts, numbers, sizes such as "5mb", ages such as "7d"."""

import re
from datetime import UTC, datetime

from imagekit_emulator.database import now_ms
from imagekit_emulator.expressions import ExpressionError, Value

SIZE_UNITS = {"": 1, "b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}
HOUR_MS = 3_600_000
# A month and a year are taken as 30 and 365 days.
AGE_UNITS = {
    "h": HOUR_MS,
    "d": 24 * HOUR_MS,
    "w": 7 * 24 * HOUR_MS,
    "m": 30 * 24 * HOUR_MS,
    "y": 365 * 24 * HOUR_MS,
}


def plain_text(value: Value) -> str:
    return value.text


def number(value: Value) -> float:
    """Read a plain number."""
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,9})?", value.text):
        raise ExpressionError(f"{value.text!r} is not a number")
    return float(value.text)


def byte_size(value: Value) -> float:
    """Read a size in bytes, with or without a unit."""
    match = re.fullmatch(
        r"([0-9]{1,15}(?:\.[0-9]{1,9})?) ?([a-z]{0,2})", value.text.lower()
    )
    if not match or match[2] not in SIZE_UNITS:
        raise ExpressionError(f"{value.text!r} is not a size")
    return float(match[1]) * SIZE_UNITS[match[2]]


def boolean(value: Value) -> bool:
    if value.text not in {"true", "false"}:
        raise ExpressionError(f"{value.text!r} is not true or false")
    return value.text == "true"


def moment(value: Value) -> int:
    """Read an ISO date (midnight UTC), a date and time, or an age.

    Returns milliseconds since 1970.
    """
    age = re.fullmatch(r"([0-9]{1,6})([hdwmy])", value.text)
    if age:
        return now_ms() - int(age[1]) * AGE_UNITS[age[2]]
    try:
        parsed = datetime.fromisoformat(value.text)
    except ValueError as error:
        raise ExpressionError(f"{value.text!r} is not a date") from error
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    # `timestamp()` fails for the first and the last years, a difference does not.
    since = parsed - datetime(1970, 1, 1, tzinfo=UTC)
    return int(since.total_seconds() * 1000)
