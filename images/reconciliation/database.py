"""The database's side of reconciling: which files it names."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import CharField, Count, F, Q, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat, StrIndex, Substr

from accounts.models import User
from images.models import Image
from images.models.querysets import ImageQuerySet
from images.outbox.models import PendingDeletion

_CHUNK = 1000


class RecordedFile(NamedTuple):
    """What reconciling needs of an Image; `path` and `file_id` are its file's."""

    pk: UUID
    name: str
    size: int
    updated_at: datetime
    missing_since: datetime | None

    @property
    def path(self) -> str:
        return self.name.partition("#")[0]

    @property
    def file_id(self) -> str:
        return self.name.partition("#")[2]


class ListedFile(NamedTuple):
    """A remote file by its path below the storage's location, and its id."""

    path: str
    file_id: str


def rows_below(prefix: str) -> QuerySet[Image]:
    """Select the images whose files are in this folder."""
    images: ImageQuerySet = Image.objects.all()
    if owner := owner_of(prefix):
        # There is an index for it.
        images = images.of_owner(owner)
    if prefix:
        images = images.filter(file__startswith=f"{prefix}/")
    return images.order_by("pk")


def owner_of(prefix: str) -> UUID | None:
    """Return whose folder it is, or a folder of: the first part is their id."""
    try:
        return UUID(prefix.partition("/")[0])
    except ValueError:
        return None


def read_rows(rows: QuerySet[Image]) -> Iterator[RecordedFile]:
    """Yield the rows in the order of their keys, a thousand in memory.

    In chunks by key, as neither SQLite nor a pooler between us and PostgreSQL
    lets a cursor stay open.
    """
    columns = ("pk", "file", "size", "updated_at", "missing_since")
    last: UUID | None = None
    while True:
        following = rows if last is None else rows.filter(pk__gt=last)
        chunk = [
            RecordedFile(*values) for values in following.values_list(*columns)[:_CHUNK]
        ]
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].pk


def unnamed(files: Sequence[ListedFile]) -> list[ListedFile]:
    """Return those that neither an Image nor a PendingDeletion names.

    A file that was moved at ImageKit is named by its id. One statement looks at
    both tables: between two, a name could pass from one table to the other.
    """
    wanted = Q(path__in=[file.path for file in files])
    wanted |= Q(file_id__in=[file.file_id for file in files])
    named = _split(PendingDeletion, "name").filter(wanted)
    named = named.union(_split(Image, "file").filter(wanted))
    taken = {part for pair in named.values_list("path", "file_id") for part in pair}
    return [
        file for file in files if file.path not in taken and file.file_id not in taken
    ]


def _split(model: type[models.Model], column: str) -> QuerySet[Any]:
    """Select path and id of the stored names, `<path>#<id>` or a bare path."""
    stored = Cast(column, CharField())
    # With a "#" behind, a bare path ends as the others do.
    marked = Concat(stored, Value("#"))
    return (
        model._base_manager.order_by()
        .annotate(
            path=Substr(stored, 1, StrIndex(marked, Value("#")) - 1),
            file_id=Substr(stored, StrIndex(marked, Value("#")) + 1),
        )
        .values_list("path", "file_id")
    )


def unchanged(rows: Sequence[tuple[UUID, str]]) -> ImageQuerySet:
    """Select those of the rows, given by key and file name, that are as they were.

    A name is used once, so no other row can have one of these.
    """
    keys, names = zip(*rows, strict=True)
    return Image.objects.filter(pk__in=keys, file__in=names)


class WrongCounts(NamedTuple):
    """What a user's row says of their images, and what is true."""

    user: UUID
    image_count: int
    images: int
    stored_bytes: int
    bytes: int


def wrong_counts(owner: UUID | None = None) -> Iterator[WrongCounts]:
    """Yield the users whose `image_count` or `stored_bytes` is wrong.

    The database compares, in one statement for each thousand wrong ones, so
    what is committed meanwhile makes no difference.
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
    last: UUID | None = None
    while True:
        following = wrong if last is None else wrong.filter(pk__gt=last)
        chunk = [WrongCounts(*values) for values in following[:_CHUNK]]
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].user
