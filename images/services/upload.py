"""Upload an image: store the file under a reservation, then add the row.

docs/decisions/0001-remote-files.md explains the order of the steps. No remote call is
made inside a transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from images.models import Image, image_path
from images.outbox.reservations import redeeming_reservation, upload_file
from images.screening.copies import find_copies
from images.screening.inspection import InspectedFile
from images.services.facts import read_facts
from images.services.quota import add_to_totals, check_quota
from images.services.remote_previews import follow_comparison
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
    image = Image(owner=owner, **edits.columns(), **facts._asdict())
    copies = find_copies(image)
    stored = upload_file(image.storage, image_path(image), file.content)
    image.file = stored.name
    with redeeming_reservation(stored):
        # This locks the owner's row first, and so waits for a running deletion of the
        # account.
        add_to_totals(owner.pk, images=1, size=image.size)
        image.save(force_insert=True)
        follow_comparison(image, copies.similar)
        yield SavedImage(image, file.content.removed, copies.duplicate)
