"""Lock and write the row of an image; each change raises its version."""

from collections.abc import Collection
from typing import Any

from images.models import Image, State
from images.models.events import image_event
from images.services.quota import OwnerGone, add_to_totals
from mediabackend.db.compiled import CompiledObjects
from mediabackend.events.models import Kind
from mediabackend.events.noting import events_wanted

_locked = CompiledObjects(
    Image, lambda key: Image.objects.select_for_update().filter(pk=key)
)
# The fields whose changes have an event.
_NOTED = ("caption", "alt_text", "visibility", "file", "state")


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
        # This adds nothing, but raises the version of the owner's content.
        add_to_totals(image.owner_id)
    except OwnerGone as error:
        raise Image.DoesNotExist from error
    current = _locked.first(image.pk)
    if current is None:
        raise Image.DoesNotExist
    check_version(current.version, if_versions)
    return current


def write_image(
    image: Image, changes: dict[str, Any], kind: Kind = Kind.IMAGE_UPDATED
) -> None:
    """Write only these changes to a locked row, and note an event.

    The event is of this kind, unless the image is taken down or restored. Changes
    that only moderators see have no event.
    """
    before = {name: getattr(image, name) for name in _NOTED if name in changes}
    old_state = image.state
    for field, value in changes.items():
        setattr(image, field, value)
    image.version += 1
    image.save(update_fields=[*changes, "version", "updated_at"])
    if any(changes[name] != value for name, value in before.items()):
        _note_change(image, State(old_state), kind)


def _note_change(image: Image, old_state: State, kind: Kind) -> None:
    is_down = image.state == State.TAKEN_DOWN
    if old_state == State.TAKEN_DOWN:
        if is_down:
            # The file was moved into quarantine, or out of it.
            return
        kind = Kind.IMAGE_RESTORED
    elif is_down:
        kind = Kind.IMAGE_TAKEN_DOWN
    if events_wanted():
        image_event(kind, image).save(force_insert=True)
