"""Identifiers of users, sign-ins and images."""

import uuid
from datetime import datetime

import uuid_utils.compat


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7 (RFC 9562, section 5.7).

    Its leading bits are the time in milliseconds, so keys sort by age and new
    rows go to the end of the index; the rest is random.
    """
    return uuid_utils.compat.uuid7()


def first_uuid7(moment: datetime) -> uuid.UUID:
    """Return the smallest UUIDv7 that can be made at `moment`, to select newer rows."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62)
