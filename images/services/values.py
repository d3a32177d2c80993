"""Values that the services take and return."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from images.models import Image


@dataclass(frozen=True)
class Edits:
    """New values of what a person may change of an image; None changes nothing."""

    caption: str | None = None
    alt_text: str | None = None
    visibility: str | None = None

    def columns(self) -> dict[str, str]:
        """Return the given values by the names of their columns."""
        return {name: value for name, value in vars(self).items() if value is not None}


class SavedImage(NamedTuple):
    """An image whose row was just written, and what is known of its new file.

    `removed_metadata` are the kinds of metadata that the file lost, sorted; None when
    no file was stored. `duplicate_of` is the owner's oldest other image with the same
    bytes.
    """

    image: Image
    removed_metadata: list[str] | None = None
    duplicate_of: UUID | None = None
