"""Ids in URLs."""

from uuid import UUID

from rest_framework.exceptions import NotFound


def parse_id(text: str) -> UUID:
    """Return the id; raises NotFound for a text that is not a UUID."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error
