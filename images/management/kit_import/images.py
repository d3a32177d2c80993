"""Add images whose files were copied without metadata, or stay where they are."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, cast

from django.db import IntegrityError, connections, transaction
from django.db.models import Count, F, OuterRef, Subquery, Sum

from accounts.models import User
from images.imagekit.aliases import KIT_BACKEND, imagekit_storage
from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageUnavailable,
)
from images.imagekit.listing import patiently
from images.management.kit_import.candidates import Candidate
from images.management.kit_import.keys import note_imported, used_files
from images.management.kit_import.remote_files import RemoteFiles, Use
from images.management.kit_import.report import Problem, Report
from images.media.formats.info import InvalidImage
from images.models import Image, image_path
from images.models.totals import change_totals
from images.outbox.reservations import redeeming_reservation, upload_file
from images.screening.copies import ContentRemoved, refuse_removed
from images.screening.inspection import inspect_file
from images.services.facts import read_facts
from images.services.quota import OwnerGone
from images.services.remote_previews import compare_with_removed


def add_in_place(
    candidates: list[Candidate], files: RemoteFiles, report: Report
) -> None:
    """Add the rows, in one transaction, and mark the files."""
    with transaction.atomic():
        owners = {one.owner for one in candidates if one.owner}
        rows = User.objects.select_for_update(no_key=True).filter(pk__in=owners)
        # In the order that all code locks in.
        accounts = set(rows.order_by("pk").values_list("pk", flat=True))
        used = used_files(one.file.file_id for one in candidates)
        images: dict[str, Image] = {}
        for one in candidates:
            if one.owner not in accounts:
                report.add(Problem.NO_ACCOUNT, one.row.source, one.row.owner_source)
            elif one.file.file_id in used:
                # Two images with one file would lose it with the first deletion.
                report.add(Problem.FILE_SHARED, one.row.source, one.row.url)
            else:
                used.add(one.file.file_id)
                images[one.row.source] = one.image_in_place()
        Image.objects.bulk_create(images.values())
        note_imported({source: image.pk for source, image in images.items()})
        _count_images(list(images.values()))
    added = [one.file.file_id for one in candidates if one.row.source in images]
    files.mark(added, Use.IMPORTED)
    report.counts["images"] += len(images)


def _count_images(images: list[Image]) -> None:
    """Do as `change_totals`, for many owners in one statement."""
    keys = [image.pk for image in images]
    new = Image.objects.filter(owner=OuterRef("pk"), pk__in=keys)
    own = new.order_by().values("owner")
    number = Subquery(own.annotate(number=Count("pk")).values("number"))
    total = Subquery(own.annotate(total=Sum("size")).values("total"))
    User.objects.filter(pk__in={image.owner_id for image in images}).update(
        item_count=F("item_count") + number,
        stored_bytes=F("stored_bytes") + total,
        **User.next_content_version(),
    )


# A problem, and its detail.
_Failure = tuple[Problem, str]


def copy_files(
    candidates: list[Candidate], jobs: int, files: RemoteFiles, report: Report
) -> Iterator[int]:
    """Copy `jobs` files at a time and add the images; yields the number of each step.

    Raises StorageUnavailable if all files of a step fail: ImageKit is down.
    """
    with ThreadPoolExecutor(jobs) as pool:
        step = jobs * 4
        for start in range(0, len(candidates), step):
            part = candidates[start : start + step]
            failures = list(pool.map(_try_to_copy, part))
            for one, failure in zip(part, failures, strict=True):
                files.mark([one.file.file_id], Use.NEEDED if failure else Use.IMPORTED)
                if failure:
                    problem, detail = failure
                    report.add(problem, one.row.source, f"{one.row.url}: {detail}")
                else:
                    report.counts["images"] += 1
            yield len(part)
            if all(one and one[0] is Problem.FAILED for one in failures):
                raise StorageUnavailable(
                    f"{len(part)} files in a row failed; the last one: {detail}"
                )


def _try_to_copy(candidate: Candidate) -> _Failure | None:
    try:
        patiently(lambda: _copy(candidate))
    except InvalidImage as error:
        return Problem.FILE_REFUSED, str(error)
    except ContentRemoved:
        text = "a picture with the same bytes was taken down here"
        return Problem.FILE_REFUSED, text
    except OwnerGone as error:
        return Problem.NO_ACCOUNT, str(error)
    except StorageFileNotFound as error:
        return Problem.NO_REMOTE_FILE, str(error)
    except StorageError as error:
        return Problem.FAILED, str(error)
    except IntegrityError:
        return Problem.FAILED, "another import has just added it"
    finally:
        # Of this thread.
        connections.close_all()
    return None


def _copy(candidate: Candidate) -> None:
    """Store the file under a reservation, then add the image."""
    if candidate.owner is None:
        raise OwnerGone
    storage = imagekit_storage(KIT_BACKEND)
    image = candidate.image()
    with storage.open(candidate.file.stored_name) as opened:
        file = inspect_file(cast(IO[bytes], opened))
        facts = read_facts(file)
        refuse_removed(facts.sha256, candidate.owner)
        for column, value in facts._asdict().items():
            setattr(image, column, value)
        stored = upload_file(image.storage, image_path(image), file.content)
    image.file = stored.name
    with redeeming_reservation(stored):
        # This locks the owner's row. The quota does not matter: who has more than it
        # allows can add nothing, but loses nothing.
        if not change_totals(candidate.owner, 1, image.size):
            raise OwnerGone
        image.save(force_insert=True)
        note_imported({candidate.row.source: image.pk})
        compare_with_removed(image)
