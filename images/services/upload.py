"""Upload an image: store the file under a reservation, then add the row.

The order of the steps keeps the database and ImageKit equal when a step fails, or the
process dies between two of them; docs/decisions/0001-remote-files.md says why. No
remote call is made inside a transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import User
from images.models import Image, image_path
from images.outbox.reservations import redeeming, upload_reserved
from images.screening.inspection import InspectedFile
from images.screening.removed import refuse_removed, report_if_similar
from images.services.facts import find_duplicate, read_facts
from images.services.quota import add_to_totals, check_quota
from images.services.values import Edits, SavedImage


@contextmanager
def creating_image(
    *, owner: User, file: InspectedFile, edits: Edits
) -> Iterator[SavedImage]:
    """Store the file, add the image, and give it inside the transaction.

    The transaction is committed when the block ends, and nothing is kept when the
    block raises. Raises StorageError when ImageKit does not take the file, OwnerGone,
    QuotaExceeded and ContentRemoved; then nothing is kept either.
    """
    check_quota(owner, file.content.size)
    facts = read_facts(file)
    refuse_removed(facts.sha256, owner.pk)
    image = Image(owner=owner, **edits.columns(), **facts._asdict())
    stored = upload_reserved(image.storage, image_path(image), file.content)
    image.file = stored.name
    with redeeming(stored):
        # First the owner's row: this waits for a deletion of the account.
        add_to_totals(owner.pk, images=1, size=image.size)
        insert_image(image)
        yield SavedImage(image, file.content.removed, find_duplicate(image))


def insert_image(image: Image) -> None:
    """Add the row; call it in the transaction that has counted the image."""
    image.save(force_insert=True)
    report_if_similar(image)
