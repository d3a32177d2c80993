"""Findings of `reconcile_files`, and their repairs.

Each repair checks again in its own transaction.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, F, Sum, TextChoices
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from images.imagekit.files import StoredFile
from images.imagekit.names import StoredName, clean_path
from images.models import Image
from images.models.querysets import ImageQuerySet
from images.outbox.models import PendingDeletion
from images.reconciliation.database import unchanged, unnamed

_BATCH = 500
_EXAMPLES = 100
_SPOOL_BYTES = 1024 * 1024
# The number of the lock under which orphans are added; any number would do.
_ORPHANS_LOCK = 0x6F727068616E


class FindingKind(TextChoices):
    ORPHANS = "orphans", "files that no row of the database names"
    MISSING = "missing", "images whose file is missing"
    FOUND_AGAIN = "found_again", "images marked as missing whose file exists"
    SIZES = "sizes", "images whose file has another size (only reported)"
    DISPLACED = (
        "displaced",
        "images whose file was moved or sent again (only reported)",
    )
    COUNTS = "counts", "users whose image_count or stored_bytes is wrong"


@dataclass
class Finding:
    """All findings of one kind. `refused` is why `--fix` does not repair them."""

    count: int = 0
    fixed: int | None = None
    refused: str | None = None
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, example: dict[str, Any]) -> None:
        self.count += 1
        if len(self.examples) < _EXAMPLES:
            self.examples.append(example)


class Spool:
    """A list of tuples of text that is kept on disk if it exceeds a megabyte."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115
            max_size=_SPOOL_BYTES, mode="w+", encoding="utf-8"
        )

    def close(self) -> None:
        self._file.close()

    def add(self, *texts: str) -> None:
        self._file.write(json.dumps(texts) + "\n")

    def batches(self, size: int) -> Iterator[list[list[str]]]:
        """Yield all tuples in batches; nothing may be added meanwhile."""
        self._file.seek(0)
        lines = iter(self._file)
        while batch := [json.loads(line) for line in islice(lines, size)]:
            yield batch


def repair(
    findings: Mapping[FindingKind, Finding], todo: Mapping[FindingKind, Spool]
) -> None:
    """Make the necessary repairs, except those that the share limit refuses."""
    for kind, action in _REPAIRS.items():
        finding = findings[kind]
        if not finding.refused:
            finding.fixed = sum(action(batch) for batch in todo[kind].batches(_BATCH))


def _add_orphans(batch: Sequence[Sequence[str]]) -> int:
    """Schedule the deletion of files that still no row names; returns how many."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            # Otherwise two concurrent runs could both add a file. SQLite has only one
            # writer at a time.
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ORPHANS_LOCK])
        orphans = unnamed([StoredFile(*texts) for texts in batch])
        PendingDeletion.objects.bulk_create(
            PendingDeletion(
                name=_deletable_name(path, file_id),
                reason=PendingDeletion.Reason.ORPHANED,
            )
            for path, file_id in orphans
        )
    return len(orphans)


def _deletable_name(path: str, file_id: str) -> str:
    """Return a stored name for the outbox, whatever the path is.

    Files are deleted by their ids, so a path that is too long can be cut.
    """
    limit = PendingDeletion._meta.get_field("name").max_length or 0
    return str(StoredName(clean_path(path)[: limit - len(file_id) - 1], file_id))


def _mark_missing(batch: Sequence[Sequence[str]]) -> int:
    """Mark the rows that still name the missing file."""
    return mark_missing(unchanged(batch).filter(missing_since=None), timezone.now())


def _mark_found(batch: Sequence[Sequence[str]]) -> int:
    """Remove the mark of rows whose file was found again."""
    return mark_missing(unchanged(batch).exclude(missing_since=None), None)


def mark_missing(images: ImageQuerySet, since: datetime | None) -> int:
    """Set since when the files of these images are missing; None: they exist."""
    with transaction.atomic():
        marked = Image.objects.filter(pk__in=[row.pk for row in images.lock()])
        # The mark is visible in the API.
        User.objects.filter(pk__in=marked.values("owner")).update(
            **User.next_content_version()
        )
        return marked.update(missing_since=since, version=F("version") + 1)


def _correct_counts(batch: Sequence[Sequence[str]]) -> int:
    return sum(_correct_count(UUID(pk)) for (pk,) in batch)


def _correct_count(user: UUID) -> int:
    """Correct a user's totals.

    It takes the same lock as all code that adds, deletes or replaces an image.
    """
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).filter(pk=user)
        list(locked.values_list("pk"))
        actual = Image.objects.filter(owner=user).aggregate(
            item_count=Count("pk"), stored_bytes=Coalesce(Sum("size"), 0)
        )
        wrong = User.objects.filter(pk=user).exclude(**actual)
        return wrong.update(**actual, **User.next_content_version())


_REPAIRS: dict[FindingKind, Callable[[Sequence[Sequence[str]]], int]] = {
    FindingKind.ORPHANS: _add_orphans,
    FindingKind.MISSING: _mark_missing,
    FindingKind.FOUND_AGAIN: _mark_found,
    FindingKind.COUNTS: _correct_counts,
}
