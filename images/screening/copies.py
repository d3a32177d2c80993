"""Recognise copies of pictures: of removed ones, even if altered, and of one's own."""

import logging
import secrets
import sqlite3
from functools import partial
from typing import Any, NamedTuple, NoReturn
from uuid import UUID, uuid4

from django.db import models
from django.db.backends.signals import connection_created
from django.db.models import F, QuerySet, Subquery
from django.db.models.functions import Cast
from django.dispatch import receiver

from accounts.models import User
from images.models import RESEMBLES_REMOVED, Image, RemovedPicture, Report
from mediabackend.db.compiled import CompiledQuery

logger = logging.getLogger(__name__)

# Bits out of 64. Copies in another size or quality differ in a few bits, other pictures
# in about 32. A near picture is only reported to the moderators.
NEAR = 6


class BitCount(models.Func):
    """The number of bits that are set in a number of 64 bits."""

    function = "bit_count"
    output_field = models.IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "%(function)s((%(expressions)s)::bit(64))"
        return self.as_sql(compiler, connection, template=template, **extra)


@receiver(connection_created)
def _teach_sqlite(connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        database: sqlite3.Connection = connection.connection
        database.create_function("bit_count", 1, _bit_count, deterministic=True)


def _bit_count(number: int | None) -> int | None:
    return None if number is None else (number & (1 << 64) - 1).bit_count()


def find_similar_removed(perceptual: int | None) -> RemovedPicture | None:
    """Return the most similar removed picture, if one is similar enough."""
    return None if perceptual is None else similar_removed(perceptual).first()


def similar_removed(perceptual: int | None) -> QuerySet[RemovedPicture]:
    """Return the removed pictures that are similar enough, the most similar first."""
    number = Cast(models.Value(perceptual), models.BigIntegerField())
    # The bits in which both differ. django-stubs knows whole numbers only.
    distance = BitCount(F("perceptual_hash").bitxor(number))  # type: ignore[arg-type]
    near = RemovedPicture.objects.filter(perceptual_hash__isnull=False)
    return near.alias(d=distance).filter(d__lte=NEAR).order_by("d")


class ContentRemoved(Exception):
    """A file with the same bytes was taken down before."""


def refuse_removed(sha256: str, owner: object) -> None:
    """Raise ContentRemoved if a picture with these bytes was taken down.

    `sha256` is the hash of the file without metadata, so a copy with other metadata is
    recognised too.
    """
    removed = RemovedPicture.objects.filter(sha256=sha256).first()
    if removed and sha256:
        refuse_copy(removed.image_id, owner)


def refuse_copy(removed: UUID, owner: object) -> NoReturn:
    """Raise ContentRemoved: the owner has sent the picture of this removed image."""
    logger.warning("User %s uploaded the removed picture %s", owner, removed)
    raise ContentRemoved


def report_similar(image: Image, removed: RemovedPicture) -> None:
    """Report an image that looks like `removed` to the moderators.

    Call it in the transaction that stores the image and has locked its owner's row.
    """
    logger.warning("Image %s resembles the removed %s", image.pk, removed.image_id)
    Report.objects.create(
        image=image,
        reason=RESEMBLES_REMOVED,
        details=f"Resembles {removed.image_id}, removed as {removed.reason}.",
    )
    count_report(image)


def count_report(image: Image) -> None:
    """Count one more open report of an image, whose owner's row is locked."""
    Image.objects.filter(pk=image.pk).update(open_reports=F("open_reports") + 1)


class Copies(NamedTuple):
    """The most similar removed picture, if one is near; and the owner's own copy.

    `duplicate` is the id of the owner's oldest image with the same bytes.
    """

    similar: RemovedPicture | None = None
    duplicate: UUID | None = None


def find_copies(image: Image) -> Copies:
    """Return the copies of a picture before it is stored; raises ContentRemoved.

    A picture that is taken down, or uploaded, after this look is not found.
    """
    found = _copies.rows(image.owner_id, image.sha256, image.perceptual_hash)
    if not found:
        # The account is gone; the transaction of the upload will find that out too.
        return Copies()
    removed, similar, duplicate = found[0]
    if removed:
        refuse_copy(removed, image.owner_id)
    near = RemovedPicture.objects.filter(pk=similar).first() if similar else None
    return Copies(near, duplicate)


def _build(
    owner: UUID, sha256: str, perceptual: int
) -> QuerySet[User, tuple[UUID | None, int | None, UUID | None]]:
    removed = RemovedPicture.objects.filter(sha256=sha256).order_by("pk")
    same = Image.objects.filter(owner=owner, sha256=sha256).order_by("pk")
    return User.objects.filter(pk=owner).values_list(
        Subquery(removed.values("image_id")[:1]),
        Subquery(similar_removed(perceptual).values("pk")[:1]),
        Subquery(same.values("pk")[:1]),
    )


_copies = CompiledQuery(
    User,
    _build,
    examples=[uuid4, partial(secrets.token_hex, 32), partial(secrets.randbits, 62)],
)
