"""Identifiers of users and images."""

import uuid

import uuid_utils.compat


def uuid7() -> uuid.UUID:
    """Return a new UUIDv7 (RFC 9562, section 5.7).

    Its leading bits are the time in milliseconds, so keys sort by age and new
    rows go to the end of the index; the rest is random.
    """
    return uuid_utils.compat.uuid7()
