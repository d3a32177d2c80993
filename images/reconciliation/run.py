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
from dataclasses import dataclass, field
from datetime import timedelta
from heapq import merge
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.imagekit.errors import StorageFileNotFound, StorageUnavailable
from images.imagekit.files import StoredFile
from images.imagekit.listing import RemoteFile, is_certain
from images.imagekit.names import StoredName
from images.reconciliation import database
from images.reconciliation.database import RecordedFile
from images.reconciliation.repairs import Finding, FindingKind, Spool, repair

# The names that `images.models.image_path` makes.
_OUR_NAME = re.compile(
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"-[0-9a-f]+\.[a-z]+"
)
_ORPHANS_A_BATCH = 500
# Each row of a batch costs a call, and the limit is checked between batches.
_ROWS_A_BATCH = 100
# A share of a small number means little: two of twenty files are no disaster.
_ALWAYS_ALLOWED = 10


@dataclass
class Reconciliation:
    """One run: its options, and its results.

    `prefix` has no slashes at its ends. `progress` is called for each remote file that
    was read.
    """

    fix: bool
    force: bool
    older_than: timedelta
    max_share: float
    prefix: str
    progress: Callable[[], object]
    remote_files: int = 0
    rows: int = 0
    marked_missing: int = 0
    unchecked: int = 0
    """Rows that were not looked up, as too many others are missing."""
    findings: dict[FindingKind, Finding] = field(
        default_factory=lambda: {kind: Finding() for kind in FindingKind}
    )
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether nothing was found, or all was repaired."""
        return not any(f.count and f.fixed is None for f in self.findings.values())

    def run(self) -> None:
        """Compare, and repair if `fix` is set.

        Raises StorageError, with nothing changed, if ImageKit does not answer.
        """
        self._storage = imagekit_storage()
        self._before = timezone.now() - self.older_than
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
            if self.fix:
                with self._timed("fix"):
                    repair(self.findings, self._todo)

    def _found(self, kind: FindingKind, *repair: str, **example: Any) -> None:
        """Add a finding; `repair` are the data for its repair, if there is one."""
        self.findings[kind].add(example)
        if repair:
            self._todo[kind].add(*repair)

    # --- Suspicions -------------------------------------------------------------

    def _walk(self) -> None:
        """Read rows and files side by side, both ordered by the images' keys."""
        both = merge(self._rows(), self._files(), key=itemgetter(0))
        for _, pairs in groupby(both, key=itemgetter(0)):
            ones = (one for _, one in pairs)
            # The row comes first, if there is one.
            first = next(ones)
            if isinstance(first, RecordedFile):
                self._compare(first, ones)
            else:
                for file in chain([first], ones):
                    self._suspect(file)

    def _rows(self) -> Iterator[tuple[str, Any]]:
        """Yield the rows with their keys."""
        prefix = self.prefix
        for row in database.read_rows(prefix):
            # SQLite's LIKE takes capital and small letters for the same.
            if not prefix or row.name.startswith(f"{prefix}/"):
                self.rows += 1
                yield str(row.pk), row

    def _files(self) -> Iterator[tuple[str, Any]]:
        """Yield the files with names of images; suspect the others at once."""
        for file in self._storage.walk(self.prefix):
            self.remote_files += 1
            self.progress()
            if match := _OUR_NAME.fullmatch(file.name):
                yield match[1], file
            else:
                self._suspect(file)

    def _compare(self, row: RecordedFile, files: Iterator[RemoteFile]) -> None:
        """Compare a row with the files whose names contain its key."""
        path, file_id = StoredName.parse(row.name)
        image = {"image": str(row.pk), "path": path}
        listed = False
        for file in files:
            if file.path != path:
                self._suspect(file)
                continue
            listed = True
            if file_id and file_id != file.file_id:
                self._found(FindingKind.DISPLACED, **image, remote=file.stored_name)
            if file.size is not None and file.size != row.size:
                sizes = {"row": row.size, "remote": file.size}
                self._found(FindingKind.SIZES, **image, **sizes)
        if row.missing_since and not listed:
            self.marked_missing += 1
        elif row.missing_since:
            self._absentees.add(str(row.pk), row.name, "marked")
        elif not listed and row.updated_at <= self._before:
            self._absentees.add(str(row.pk), row.name, "")

    def _suspect(self, file: RemoteFile) -> None:
        if file.changed_at <= self._before:
            self._strangers.add(file.path, file.file_id)

    # --- Confirmation -----------------------------------------------------------

    def _confirm_orphans(self) -> None:
        for batch in self._strangers.batches(_ORPHANS_A_BATCH):
            files = database.unnamed([StoredFile(*texts) for texts in batch])
            # The sweep may have deleted some of them since they were listed.
            there = self._storage.existing(file.file_id for file in files)
            for file in files:
                if file.file_id in there:
                    self._found(FindingKind.ORPHANS, *file, **file._asdict())

    def _confirm_rows(self) -> None:
        limit = self._allowed(self.rows)
        for batch in self._absentees.batches(_ROWS_A_BATCH):
            found = self.findings[FindingKind.MISSING].count
            if found > limit and not self.force:
                self.unchecked += len(batch)
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
            image = {"image": pk, "path": path}
            self._found(FindingKind.DISPLACED, **image, remote=file.stored_name)
        elif (file is None) is not was_missing:
            kind = FindingKind.MISSING if file is None else FindingKind.FOUND_AGAIN
            self._found(kind, pk, name, image=pk, name=name)

    def _count(self) -> None:
        owner = database.owner_of(self.prefix)
        if self.prefix and not owner:
            return
        for wrong in database.wrong_counts(owner):
            example = wrong._asdict() | {"user": str(wrong.user)}
            self._found(FindingKind.COUNTS, example["user"], **example)

    def _refuse(self) -> None:
        """Refuse to repair kinds that exceed the share limit."""
        if self.force:
            return
        totals = {
            FindingKind.ORPHANS: self.remote_files,
            FindingKind.MISSING: self.rows,
        }
        share = f"{self.max_share * 100:g}%"
        for kind, total in totals.items():
            finding = self.findings[kind]
            if finding.count > self._allowed(total):
                finding.refused = (
                    f"more than {share} of {total}; find out why, "
                    "and if this is correct, repeat with --force"
                )

    def _allowed(self, total: int) -> int:
        """Return how many of `total` may be repaired without `force`."""
        return max(_ALWAYS_ALLOWED, int(self.max_share * total))

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[step] = round(time.perf_counter() - start, 3)
