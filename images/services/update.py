"""Change caption, alt text and visibility of an image."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction

from images.models import Image, storage_for
from images.services.exchange import ImageChanged, refuse_taken_down
from images.services.locking import lock_image, write_image
from images.services.move import changing_visibility
from images.services.values import Edits, SavedImage


@contextmanager
def updating_image(
    *, image: Image, edits: Edits, if_versions: Collection[int] | None = None
) -> Iterator[SavedImage]:
    """Change caption, alt text and visibility.

    Yields the image inside the transaction. Raises ImageTakenDown, ImageStale,
    ImageChanged and Image.DoesNotExist, and if the file has to move, what
    `changing_visibility` raises.
    """
    refuse_taken_down(image)
    if storage_for(edits.visibility or image.visibility) is not image.storage:
        with changing_visibility(
            image=image, edits=edits, if_versions=if_versions
        ) as saved:
            yield saved
        return
    with transaction.atomic():
        current = lock_image(image, if_versions)
        refuse_taken_down(current)
        if edits.visibility and current.visibility != image.visibility:
            # Another request may have moved the file to the other storage.
            raise ImageChanged
        write_image(current, edits.columns())
        current.owner = image.owner
        yield SavedImage(current)
