"""Copy files from kit-backend's folder into ours, without their metadata."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import IO, NamedTuple, cast

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
from images.screening.copies import ContentRemoved, refuse_removed
from images.screening.inspection import inspect_file
from images.services.facts import read_facts
from images.services.quota import OwnerGone
from images.services.remote_previews import compare_with_removed


class _Failure(NamedTuple):
    problem: Problem
    detail: str


_PROBLEMS: dict[type[Exception], Problem] = {
    InvalidImage: Problem.FILE_REFUSED,
    ContentRemoved: Problem.FILE_REFUSED,
    OwnerGone: Problem.NO_ACCOUNT,
    StorageFileNotFound: Problem.NO_REMOTE_FILE,
    StorageError: Problem.FAILED,
    IntegrityError: Problem.FAILED,
}


class Copier:
    """Copies `jobs` files at a time."""

    def __init__(self, jobs: int, files: RemoteFiles, report: Report) -> None:
        self._jobs = jobs
        self._files = files
        self._report = report

    def copy(self, candidates: list[Candidate]) -> Iterator[int]:
        """Copy the files and add the images; yields the number of each step.

        Raises StorageUnavailable if all files of a step fail: ImageKit is down.
        """
        with ThreadPoolExecutor(self._jobs) as pool:
            step = self._jobs * 4
            for start in range(0, len(candidates), step):
                part = candidates[start : start + step]
                failures = list(pool.map(_try_to_copy, part))
                self._note(part, failures)
                yield len(part)
                if all(one and one.problem is Problem.FAILED for one in failures):
                    raise StorageUnavailable(
                        f"{len(part)} files in a row failed; the last one: "
                        f"{failures[-1].detail if failures[-1] else ''}"
                    )

    def _note(self, part: list[Candidate], failures: list[_Failure | None]) -> None:
        for one, failure in zip(part, failures, strict=True):
            self._files.mark(
                [one.file.file_id], Use.NEEDED if failure else Use.IMPORTED
            )
            if failure:
                detail = f"{one.row.url}: {failure.detail}"
                self._report.add(failure.problem, one.source, detail)
            else:
                self._report.counts["images"] += 1


def _try_to_copy(candidate: Candidate) -> _Failure | None:
    try:
        patiently(lambda: _copy(candidate))
    except tuple(_PROBLEMS) as error:
        kind = next(kind for kind in _PROBLEMS if isinstance(error, kind))
        return _Failure(_PROBLEMS[kind], _explain(error))
    finally:
        # Of this thread.
        connections.close_all()
    return None


def _explain(error: Exception) -> str:
    if isinstance(error, ContentRemoved):
        return "a picture with the same bytes was taken down here"
    if isinstance(error, IntegrityError):
        return "another import has just added it"
    return str(error)


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
