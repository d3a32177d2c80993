"""Compare ImageKit's files with the database's rows, in both directions.

The list of remote files is read first, and sorted on disk. Then files and rows are read
side by side, ordered by the images' keys, so only one page of each is in memory. As
both sides are not read at the same moment, a difference is a suspicion at first. It is
kept on disk, and checked again on both sides before it is reported. Repairs are made at
the end, and only if everything could be read.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.imagekit.errors import StorageFileNotFound, StorageUnavailable
from images.imagekit.files import StoredFile
from images.imagekit.listing import RemoteFile, is_certain
from images.imagekit.names import StoredName
from images.reconciliation import database
from images.reconciliation.database import RecordedFile
from images.reconciliation.findings import (
    FindingKind,
    ReconciliationReport,
    Spool,
    allowed,
)
from images.reconciliation.repairs import repair

# The names that `images.models.image_path` makes.
_OUR_NAME = re.compile(
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"-[0-9a-f]+\.[a-z]+"
)
_ORPHANS_A_BATCH = 500
# Each row of a batch costs a call, and the limit is checked between batches.
_ROWS_A_BATCH = 100


@dataclass(frozen=True)
class Options:
    """The options of a run; `prefix` has no slashes at its ends."""

    fix: bool = False
    force: bool = False
    older_than: timedelta = timedelta(hours=24)
    max_share: float = 0.05
    prefix: str = ""


class Reconciliation:
    """One run. `progress` is called for each remote file that was read."""

    def __init__(
        self, options: Options, progress: Callable[[], object] = lambda: None
    ) -> None:
        self.options = options
        self.report = ReconciliationReport()
        self._progress = progress
        self._storage = imagekit_storage()
        self._before = timezone.now() - options.older_than

    def run(self) -> ReconciliationReport:
        """Compare, and repair if `options.fix` is set.

        Raises StorageError, with nothing changed, if ImageKit does not answer.
        """
        with ExitStack() as stack:
            self._strangers = stack.enter_context(closing(Spool()))
            self._absentees = stack.enter_context(closing(Spool()))
            self._todo = {
                kind: stack.enter_context(closing(Spool())) for kind in FindingKind
            }
            with self._timed("walk"):
                self._walk()
            with self._timed("confirm"):
                self._confirm_orphans()
                self._confirm_rows()
            with self._timed("counts"):
                self._count()
            self._refuse()
            if self.options.fix:
                with self._timed("fix"):
                    repair(self.report, self._todo)
        return self.report

    # --- Suspicions -------------------------------------------------------------

    def _walk(self) -> None:
        rows = self._rows()
        row = next(rows, None)
        for key, files in groupby(self._our_files(), key=_image_key):
            while row is not None and str(row.pk) < str(key):
                self._not_listed(row)
                row = next(rows, None)
            if row is not None and str(row.pk) == key:
                self._compare(row, files)
                row = next(rows, None)
            else:
                self._suspect(files)
        while row is not None:
            self._not_listed(row)
            row = next(rows, None)

    def _rows(self) -> Iterator[RecordedFile]:
        prefix = self.options.prefix
        for row in database.read_rows(prefix):
            # SQLite's LIKE takes capital and small letters for the same.
            if not prefix or row.name.startswith(f"{prefix}/"):
                self.report.rows += 1
                yield row

    def _our_files(self) -> Iterator[RemoteFile]:
        """Yield the files with names of images; suspect the others at once."""
        for file in self._storage.walk(self.options.prefix):
            self.report.remote_files += 1
            self._progress()
            if _image_key(file):
                yield file
            else:
                self._suspect([file])

    def _compare(self, row: RecordedFile, files: Iterator[RemoteFile]) -> None:
        """Compare a row with the files whose names contain its key."""
        path, file_id = StoredName.parse(row.name)
        listed = False
        for file in files:
            if file.path != path:
                self._suspect([file])
                continue
            listed = True
            if file_id and file_id != file.file_id:
                self._displaced(str(row.pk), path, file.stored_name)
            if file.size is not None and file.size != row.size:
                self.report.findings[FindingKind.SIZES].add(
                    image=str(row.pk), path=path, row=row.size, remote=file.size
                )
        if not listed:
            self._not_listed(row)
        elif row.missing_since:
            self._absentees.add(str(row.pk), row.name, "marked")

    def _suspect(self, files: Iterator[RemoteFile] | list[RemoteFile]) -> None:
        for file in files:
            if file.changed_at <= self._before:
                self._strangers.add(file.path, file.file_id)

    def _not_listed(self, row: RecordedFile) -> None:
        if row.missing_since:
            self.report.marked_missing += 1
        elif row.updated_at <= self._before:
            self._absentees.add(str(row.pk), row.name, "")

    def _displaced(self, pk: str, path: str, remote: str) -> None:
        self.report.findings[FindingKind.DISPLACED].add(
            image=pk, path=path, remote=remote
        )

    # --- Confirmation -----------------------------------------------------------

    def _confirm_orphans(self) -> None:
        for batch in self._strangers.batches(_ORPHANS_A_BATCH):
            files = database.unnamed([StoredFile(*texts) for texts in batch])
            # The sweep may have deleted some of them since they were listed.
            there = self._storage.existing(file.file_id for file in files)
            for file in files:
                if file.file_id in there:
                    self.report.findings[FindingKind.ORPHANS].add(**file._asdict())
                    self._todo[FindingKind.ORPHANS].add(*file)

    def _confirm_rows(self) -> None:
        limit = allowed(self.options.max_share, self.report.rows)
        for batch in self._absentees.batches(_ROWS_A_BATCH):
            found = self.report.findings[FindingKind.MISSING].count
            if found > limit and not self.options.force:
                self.report.unchecked += len(batch)
                continue
            states = {pk: self._state_of(name) for pk, name, _ in batch}
            # After the calls to ImageKit: a deletion or replacement changes the row
            # before the file, so it cannot look like a loss.
            same = database.unchanged([(pk, name) for pk, name, _ in batch])
            known = {str(pk) for pk in same.values_list("pk", flat=True)}
            for pk, name, marked in batch:
                if pk in known:
                    self._judge(pk, name, states[pk], was_missing=bool(marked))

    def _state_of(self, name: str) -> RemoteFile | None:
        try:
            return self._storage.look_up(name)
        except StorageFileNotFound as error:
            if not is_certain(error):
                raise StorageUnavailable(
                    f"{error} The answer was not from ImageKit."
                ) from error
            return None

    def _judge(
        self, pk: str, name: str, file: RemoteFile | None, was_missing: bool
    ) -> None:
        path = StoredName.parse(name).path
        if file is not None and file.path != path:
            self._displaced(pk, path, file.stored_name)
        elif (file is None) is not was_missing:
            kind = FindingKind.MISSING if file is None else FindingKind.FOUND_AGAIN
            self.report.findings[kind].add(image=pk, name=name)
            self._todo[kind].add(pk, name)

    def _count(self) -> None:
        prefix = self.options.prefix
        owner = database.owner_of(prefix) if prefix else None
        if prefix and owner is None:
            return
        for wrong in database.wrong_counts(owner):
            example = wrong._asdict() | {"user": str(wrong.user)}
            self.report.findings[FindingKind.COUNTS].add(**example)
            self._todo[FindingKind.COUNTS].add(example["user"])

    def _refuse(self) -> None:
        """Refuse to repair kinds that exceed the share limit."""
        if self.options.force:
            return
        totals = {
            FindingKind.ORPHANS: self.report.remote_files,
            FindingKind.MISSING: self.report.rows,
        }
        share = f"{self.options.max_share * 100:g}%"
        for kind, total in totals.items():
            finding = self.report.findings[kind]
            if finding.count > allowed(self.options.max_share, total):
                finding.refused = (
                    f"more than {share} of {total}; find out why, "
                    "and if this is correct, repeat with --force"
                )

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.report.seconds[step] = round(time.perf_counter() - start, 3)


def _image_key(file: RemoteFile) -> str | None:
    """Return the key of the image in the file's name."""
    match = _OUR_NAME.fullmatch(file.name)
    return match[1] if match else None
