"""Read which files the database names."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import starmap
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import CharField, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from accounts.models import User
from images.imagekit.files import StoredFile
from images.imagekit.names import file_id_of, path_of
from images.models import Image
from images.models.querysets import ImageQuerySet
from images.outbox.models import PendingDeletion

_CHUNK = 1000


class RecordedFile(NamedTuple):
    """The file of an Image, as its row describes it."""

    pk: UUID
    name: str
    size: int
    updated_at: datetime
    missing_since: datetime | None


def read_rows(prefix: str) -> Iterator[RecordedFile]:
    """Yield the images with files in this folder, not those left in place.

    They are ordered by key, with a thousand in memory.
    """
    images: ImageQuerySet = Image.objects.filter(left_in_place=False)
    if owner := owner_of(prefix):
        # To use the index.
        images = images.of_owner(owner)
    if prefix:
        images = images.filter(file__startswith=f"{prefix}/")
    columns = ("pk", "file", "size", "updated_at", "missing_since")
    return starmap(RecordedFile, _by_key(images.order_by("pk").values_list(*columns)))


def owner_of(prefix: str) -> UUID | None:
    """Return the user to whom the folder belongs: its first part is the user's id."""
    try:
        return UUID(prefix.partition("/")[0])
    except ValueError:
        return None


def _by_key(rows: QuerySet[Any, tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield rows that begin with their key, and are ordered by it.

    They are read in chunks by key, as neither SQLite nor a connection pooler in front
    of PostgreSQL allows a cursor that stays open.
    """
    following = rows
    while chunk := list(following[:_CHUNK]):
        yield from chunk
        following = rows.filter(pk__gt=chunk[-1][0])


def unnamed(files: Sequence[StoredFile]) -> list[StoredFile]:
    """Return the files that neither an Image nor a PendingDeletion names.

    A file that was moved at ImageKit is still named by its id. One statement reads both
    tables: between two statements, a name could move from one table to the other.
    """
    wanted = Q(path__in=[file.path for file in files])
    wanted |= Q(file_id__in=[file.file_id for file in files])
    named = _split(PendingDeletion, "name").filter(wanted)
    # Django 6.1 would order both together by the first model's columns.
    named = named.union(_split(Image, "file").filter(wanted)).order_by()
    taken = {part for pair in named.values_list("path", "file_id") for part in pair}
    return [
        file for file in files if file.path not in taken and file.file_id not in taken
    ]


def _split(model: type[models.Model], column: str) -> QuerySet[Any]:
    """Select path and id of the stored names."""
    stored = Cast(column, CharField())
    return (
        model._base_manager.order_by()
        .annotate(path=path_of(stored), file_id=file_id_of(stored))
        .values_list("path", "file_id")
    )


def unchanged(rows: Iterable[Sequence[str]]) -> ImageQuerySet:
    """Select the rows, given by key and file name, that still name the same file.

    A name is used once, so no other row can have one of these names.
    """
    keys, names = zip(*rows, strict=True)
    return Image.objects.filter(pk__in=keys, file__in=names)


class WrongCounts(NamedTuple):
    """The totals in a user's row, and the correct ones."""

    user: UUID
    image_count: int
    images: int
    stored_bytes: int
    bytes: int


def wrong_counts(owner: UUID | None = None) -> Iterator[WrongCounts]:
    """Yield the users whose `item_count` or `stored_bytes` is wrong.

    The database compares them, in one statement for each thousand wrong users, so
    changes that are committed meanwhile cannot look like differences.
    """
    users = User.objects.order_by("pk")
    if owner is not None:
        users = users.filter(pk=owner)
    wrong = (
        users.values("pk", "item_count", "stored_bytes")
        .annotate(number=Count("images"), total=Coalesce(Sum("images__size"), 0))
        .exclude(item_count=F("number"), stored_bytes=F("total"))
        .values_list("pk", "item_count", "number", "stored_bytes", "total")
    )
    return starmap(WrongCounts, _by_key(wrong))
