"""Replace the file of an image by another picture."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from images.models import Image
from images.screening.copies import refuse_removed
from images.screening.inspection import InspectedFile
from images.services.exchange import exchanging_file, refuse_taken_down
from images.services.facts import find_duplicate, read_facts
from images.services.locking import check_version
from images.services.quota import check_quota
from images.services.remote_previews import compare_with_removed
from images.services.values import Edits, SavedImage
from mediabackend.events.models import Kind


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
