"""Arguments and results of the services."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from images.models import Image


@dataclass(frozen=True)
class Edits:
    """New values of the fields that an owner may change; None changes nothing."""

    caption: str | None = None
    alt_text: str | None = None
    visibility: str | None = None

    def columns(self) -> dict[str, str]:
        """Return the new values by the names of their columns."""
        return {name: value for name, value in vars(self).items() if value is not None}


class SavedImage(NamedTuple):
    """An image that was just written, and what is known of its new file.

    `removed_metadata` is the sorted list of the kinds of metadata that were removed
    from the file; None if no file was stored. `duplicate_of` is the id of the owner's
    oldest other image with the same bytes.
    """

    image: Image
    removed_metadata: list[str] | None = None
    duplicate_of: UUID | None = None
