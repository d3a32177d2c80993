"""Upload an image: store the file under a reservation, then add the row.

docs/decisions/0001-remote-files.md explains the order of the steps. No remote call is
made inside a transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from images.models import Image, image_path
from images.outbox.reservations import redeeming_reservation, upload_file
from images.screening.inspection import InspectedFile
from images.screening.removed import refuse_removed
from images.services.facts import find_duplicate, read_facts
from images.services.quota import add_to_totals, check_quota
from images.services.remote_previews import compare_with_removed
from images.services.values import Edits, SavedImage


@contextmanager
def creating_image(
    *, owner: User, file: InspectedFile, edits: Edits
) -> Iterator[SavedImage]:
    """Store the file, add the image, and yield it inside the transaction.

    The transaction is committed at the end of the block. Raises StorageError if
    ImageKit does not accept the file, OwnerGone, QuotaExceeded and ContentRemoved.
    After an error, also in the block, nothing is kept.
    """
    check_quota(owner, file.content.size)
    facts = read_facts(file)
    refuse_removed(facts.sha256, owner.pk)
    image = Image(owner=owner, **edits.columns(), **facts._asdict())
    stored = upload_file(image.storage, image_path(image), file.content)
    image.file = stored.name
    with redeeming_reservation(stored):
        # This locks the owner's row first, and so waits for a running deletion of the
        # account.
        add_to_totals(owner.pk, images=1, size=image.size)
        insert_image(image)
        yield SavedImage(image, file.content.removed, find_duplicate(image))


def insert_image(image: Image) -> None:
    """Add the row; call it in the transaction that has added to the owner's totals."""
    image.save(force_insert=True)
    compare_with_removed(image)
