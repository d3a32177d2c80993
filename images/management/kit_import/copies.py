"""Copy files from kit-backend's folder into ours, without their metadata."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, cast

from django.db import IntegrityError, connections

from images.imagekit.aliases import KIT_BACKEND, imagekit_storage
from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageUnavailable,
)
from images.imagekit.listing import patiently
from images.management.kit_import.candidates import Candidate
from images.management.kit_import.keys import note_imported
from images.management.kit_import.remote_files import RemoteFiles, Use
from images.management.kit_import.report import Problem, Report
from images.management.kit_import.totals import count_imported, lock_accounts
from images.media.formats.info import InvalidImage
from images.models import image_path
from images.outbox.reservations import redeeming_reservation, upload_file
from images.screening.inspection import inspect_file
from images.screening.removed import ContentRemoved, refuse_removed
from images.services.facts import read_facts
from images.services.quota import OwnerGone
from images.services.remote_previews import compare_with_removed

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
                    report.add(problem, one.source, f"{one.row.url}: {detail}")
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
        if not lock_accounts([candidate.owner]):
            raise OwnerGone
        image.save(force_insert=True)
        note_imported({candidate.source: image.pk})
        count_imported([image])
        compare_with_removed(image)
