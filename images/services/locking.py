"""Lock and write the row of an image; each change raises its version."""

from collections.abc import Collection
from typing import Any

from images.models import Image
from images.services.quota import OwnerGone, mark_owner_changed
from mediabackend.db.compiled import CompiledObjects

_locked = CompiledObjects(
    Image, lambda key: Image.objects.select_for_update().filter(pk=key)
)


class ImageStale(Exception):
    """The image has another version than the caller expects."""


def check_version(version: int, if_versions: Collection[int] | None) -> None:
    """Raise ImageStale unless `version` is one of `if_versions`; None allows all."""
    if if_versions is not None and version not in if_versions:
        raise ImageStale


def lock_image(image: Image, if_versions: Collection[int] | None = None) -> Image:
    """Lock the owner's row, then the image's; return the image as it is now.

    Call it in a transaction. Raises Image.DoesNotExist and ImageStale.
    """
    try:
        mark_owner_changed(image.owner_id)
    except OwnerGone as error:
        raise Image.DoesNotExist from error
    current = _locked.first(image.pk)
    if current is None:
        raise Image.DoesNotExist
    check_version(current.version, if_versions)
    return current


def write_image(image: Image, changes: dict[str, Any]) -> None:
    """Write only these changes to a locked row."""
    for field, value in changes.items():
        setattr(image, field, value)
    image.version += 1
    image.save(update_fields=[*changes, "version", "updated_at"])
