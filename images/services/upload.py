"""Upload an image, or another file for it.

The file is stored under a reservation; then the row is added or changed.
docs/decisions/0001-remote-files.md explains the order of the steps. No remote call is
made inside a transaction.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from accounts.models import User
from images.models import Image, image_path
from images.outbox.reservations import redeeming_reservation, upload_file
from images.screening.copies import find_copies, refuse_removed
from images.screening.inspection import InspectedFile
from images.services.exchange import exchanging_file, refuse_taken_down
from images.services.facts import find_duplicate, read_facts
from images.services.locking import check_version
from images.services.quota import add_to_totals, check_quota
from images.services.remote_previews import compare_with_removed, follow_comparison
from images.services.values import Edits, SavedImage
from mediabackend.events.models import Kind


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


@contextmanager
def replacing_file(
    *,
    image: Image,
    file: InspectedFile,
    edits: Edits,
    if_versions: Collection[int] | None = None,
) -> Iterator[SavedImage]:
    """Replace the image's file by another one, which has a new URL.

    Yields the image inside the transaction, which is committed at the end of the block.
    Raises what `exchanging_file` raises, ImageTakenDown, QuotaExceeded and
    ContentRemoved; then the image is unchanged.
    """
    refuse_taken_down(image)
    check_quota(image.owner, file.content.size - image.size)
    check_version(image.version, if_versions)
    facts = read_facts(file)
    refuse_removed(facts.sha256, image.owner_id)
    columns = {"reviewed": False, **edits.columns()}
    with exchanging_file(
        image,
        file,
        facts,
        columns,
        check=refuse_taken_down,
        if_versions=if_versions,
        kind=Kind.IMAGE_REPLACED,
    ) as current:
        compare_with_removed(current)
        yield SavedImage(current, file.content.removed, find_duplicate(current))
