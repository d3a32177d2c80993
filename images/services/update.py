"""Change caption, alt text and visibility of an image, without moving its file."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from django.db import transaction

from images.models import Image
from images.services.exchange import ImageChanged, refuse_taken_down
from images.services.locking import lock_image, write_image
from images.services.move import moves_file
from images.services.values import Edits, SavedImage


@contextmanager
def updating_image(
    *, image: Image, edits: Edits, if_versions: Collection[int] | None = None
) -> Iterator[SavedImage]:
    """Change caption, alt text and visibility; no remote call is made.

    Yields the image inside the transaction. If the edits move the file, the caller uses
    `changing_visibility`. Raises ImageTakenDown, ImageStale, Image.DoesNotExist, and
    ImageChanged if another request has moved the file so that these edits would move
    it back.
    """
    refuse_taken_down(image)
    with transaction.atomic():
        current = lock_image(image, if_versions)
        refuse_taken_down(current)
        if edits.visibility and moves_file(current, edits):
            raise ImageChanged
        write_image(current, edits.columns())
        current.owner = image.owner
        yield SavedImage(current)
