"""Change an image, and move its file: between public and private, or into quarantine.

ImageKit cannot change a file's visibility, so the file is fetched and stored again
under another path.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import IO, cast

from django.conf import settings
from django.db import transaction

from images.imagekit.errors import StorageRejected, StorageUnavailable
from images.media.formats.info import ImageInfo, InvalidImage
from images.media.stripping import strip_metadata
from images.models import Image, storage_for
from images.screening.inspection import InspectedFile, inspect_file
from images.services.exchange import ImageChanged, exchanging_file, refuse_taken_down
from images.services.facts import find_duplicate, reread_facts
from images.services.locking import check_version, lock_image, write_image
from images.services.values import Edits, SavedImage


def moves_file(image: Image, edits: Edits) -> bool:
    """Say whether these edits move the file: between public and private."""
    wanted = storage_for(
        edits.visibility or image.visibility, left_in_place=image.left_in_place
    )
    return wanted is not image.storage


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


@contextmanager
def changing_visibility(
    *, image: Image, edits: Edits, if_versions: Collection[int] | None = None
) -> Iterator[SavedImage]:
    """Change the visibility of the image, move its file, and make the other edits.

    Yields the image inside the transaction. Raises what `exchanging_file` raises,
    ImageTakenDown, and ImageChanged if the file was replaced meanwhile.
    """
    refuse_taken_down(image)
    check_version(image.version, if_versions)

    def check(current: Image) -> None:
        refuse_taken_down(current)
        _refuse_replaced(current, image)

    with _downloaded(image) as file:
        facts, columns = reread_facts(file, image), edits.columns()
        with exchanging_file(
            image, file, facts, columns, check=check, if_versions=if_versions
        ) as current:
            yield SavedImage(current, file.content.removed, find_duplicate(current))


@contextmanager
def moving_quarantine(
    *, image: Image, quarantined_at: datetime | None
) -> Iterator[Image]:
    """Move the file into quarantine, or out of it if `quarantined_at` is None.

    Yields the image inside the transaction. Raises what `exchanging_file` raises, and
    ImageChanged if the file was replaced or moved meanwhile.
    """
    check = partial(_refuse_replaced, image=image)
    with _downloaded(image) as file:
        facts, columns = reread_facts(file, image), {"quarantined_at": quarantined_at}
        with exchanging_file(image, file, facts, columns, check=check) as current:
            yield current


def _refuse_replaced(current: Image, image: Image) -> None:
    if current.file.name != image.file.name:
        raise ImageChanged


@contextmanager
def _downloaded(image: Image) -> Iterator[InspectedFile]:
    """Fetch the stored file, and remove metadata; raises StorageError."""
    with image.storage.open(str(image.file.name)) as file:
        content = cast(IO[bytes], file)
        if image.left_in_place:
            yield _inspected(content)
        else:
            yield _stripped_again(content, file.size, image)


def _inspected(content: IO[bytes]) -> InspectedFile:
    """Inspect a file that was left in place: it was never looked at here."""
    try:
        return inspect_file(content)
    except InvalidImage as error:
        raise StorageRejected(f"The file cannot be moved: {error}") from error


def _stripped_again(content: IO[bytes], size: int, image: Image) -> InspectedFile:
    """Remove metadata that KEEP_METADATA allowed when the file was stored."""
    try:
        if size != image.size:
            raise InvalidImage("The file has another size.")
        stripped = strip_metadata(content, image.format, settings.KEEP_METADATA)
    except InvalidImage as error:
        raise StorageUnavailable(
            "download: the bytes are not those of the image."
        ) from error
    sides = (image.width, image.height)
    info = ImageInfo.of_stored(image.format, sides, size=stripped.size)
    return InspectedFile(stripped, info)
