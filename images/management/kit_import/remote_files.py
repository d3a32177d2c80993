"""The files in kit-backend's folder: a table of them, and the deletion of old ones."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import islice

from django.db import transaction

from images.imagekit.aliases import KIT_BACKEND
from images.imagekit.listing import FileTable, RemoteFile
from images.management.kit_import.keys import used_files
from images.management.kit_import.report import Report
from images.outbox.models import PendingDeletion

_BATCH = 1000


class Use(IntEnum):
    """The use of a file by the rows of kit-backend; a higher one wins."""

    UNUSED = 0
    IMPORTED = 1
    # A row that names it was not imported.
    NEEDED = 2


class RemoteFiles(FileTable):
    """The files and their use; their paths are below kit-backend's folder."""

    def __init__(self) -> None:
        super().__init__()
        self._connection.execute("ALTER TABLE files ADD use INTEGER DEFAULT 0")

    def fill(self, files: Iterator[RemoteFile]) -> Iterator[int]:
        """Add the files; yields the number in each batch."""
        while batch := list(islice(files, _BATCH)):
            self.add(batch)
            yield len(batch)

    def find(self, file_ids: Iterable[str]) -> dict[str, RemoteFile]:
        """Return those of the files that exist, by id."""
        wanted = list(file_ids)
        marks = ", ".join("?" * len(wanted))
        found = self._read(f"WHERE file_id IN ({marks})", wanted)
        return {file.file_id: file for file in found}

    def mark(self, file_ids: Iterable[str], use: Use) -> None:
        """Note the use of these files."""
        self._connection.executemany(
            "UPDATE files SET use = max(use, ?) WHERE file_id = ?",
            ((use.value, file_id) for file_id in file_ids),
        )

    def count(self, use: Use) -> int:
        query = "SELECT count(*) FROM files WHERE use = ?"
        return int(self._connection.execute(query, [use.value]).fetchone()[0])

    def imported(self) -> Iterator[list[RemoteFile]]:
        """Yield, in batches, the files all of whose rows were imported."""
        files = self._read("WHERE use = ?", [Use.IMPORTED.value])
        while batch := list(islice(files, _BATCH)):
            yield batch


def schedule_old_files(files: RemoteFiles, report: Report, *, apply: bool) -> None:
    """Give the old files of imported images to the outbox; the worker deletes them.

    Not those that an image which was left in place still has. The CDN's copies are not
    purged: ImageKit limits purges, and one of the whole folder does it too.
    """
    for batch in files.imported():
        with transaction.atomic():
            old = _without_used(batch)
            report.counts["old_files"] += len(old)
            if apply:
                PendingDeletion.objects.bulk_create(
                    PendingDeletion(
                        name=file.stored_name,
                        storage=KIT_BACKEND,
                        reason=PendingDeletion.Reason.REPLACED,
                    )
                    for file in old
                )


def _without_used(batch: list[RemoteFile]) -> list[RemoteFile]:
    """Leave out files that an image or a row of the outbox names."""
    used = used_files(file.file_id for file in batch)
    rows = PendingDeletion.objects.filter(
        storage=KIT_BACKEND, name__in=[file.stored_name for file in batch]
    )
    scheduled = set(rows.values_list("name", flat=True))
    return [
        file
        for file in batch
        if file.file_id not in used and file.stored_name not in scheduled
    ]
