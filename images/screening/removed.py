"""Recognise removed pictures, even if they were altered a little."""

import logging
import sqlite3
from typing import Any, NoReturn
from uuid import UUID

from django.db import models
from django.db.backends.signals import connection_created
from django.db.models import F
from django.db.models.functions import Cast
from django.dispatch import receiver

from images.models import Image, RemovedPicture, Report, ReportReason

logger = logging.getLogger(__name__)

# Bits out of 64. Copies in another size or quality differ in a few bits, other pictures
# in about 32. A near picture is only reported to the moderators.
NEAR = 6


class Distance(models.Func):
    """The number of bits in which a column and a number differ (Hamming distance)."""

    output_field = models.IntegerField()
    arity = 2

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(
            compiler,
            connection,
            template="bit_count((%(expressions)s)::bit(64))",
            arg_joiner=" # ",
            **extra,
        )

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return super().as_sql(
            compiler, connection, function="hamming_distance", **extra
        )


@receiver(connection_created)
def _teach_sqlite(connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        database: sqlite3.Connection = connection.connection
        database.create_function("hamming_distance", 2, _distance, deterministic=True)


def _distance(one: int, other: int | None) -> int | None:
    if other is None:
        return None
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def find_removed_copy(sha256: str) -> RemovedPicture | None:
    """Return the removed picture with exactly these bytes, if there is one."""
    if not sha256:
        return None
    return RemovedPicture.objects.filter(sha256=sha256).first()


def find_similar_removed(perceptual: int | None) -> RemovedPicture | None:
    """Return the most similar removed picture, if one is similar enough."""
    return None if perceptual is None else similar_removed(perceptual).first()


def similar_removed(perceptual: int | None) -> models.QuerySet[RemovedPicture]:
    """Return the removed pictures that are similar enough, the most similar first."""
    number = Cast(models.Value(perceptual), models.BigIntegerField())
    distance = Distance("perceptual_hash", number)
    near = RemovedPicture.objects.filter(perceptual_hash__isnull=False)
    return near.alias(d=distance).filter(d__lte=NEAR).order_by("d")


class ContentRemoved(Exception):
    """A file with the same bytes was taken down before."""


def refuse_removed(sha256: str, owner: object) -> None:
    """Raise ContentRemoved if a picture with these bytes was taken down.

    `sha256` is the hash of the file without metadata, so a copy with other metadata is
    recognised too.
    """
    if removed := find_removed_copy(sha256):
        refuse_copy(removed.image_id, owner)


def refuse_copy(removed: UUID, owner: object) -> NoReturn:
    """Raise ContentRemoved: the owner has sent the picture of this removed image."""
    logger.warning("User %s uploaded the removed picture %s", owner, removed)
    raise ContentRemoved


def report_if_similar(image: Image) -> None:
    """Report an image that looks like a removed one to the moderators.

    Call it in the transaction that stores the image and has locked its owner's row.
    """
    if removed := find_similar_removed(image.perceptual_hash):
        report_similar(image, removed)


def report_similar(image: Image, removed: RemovedPicture) -> None:
    """Report an image that looks like `removed`; call it as `report_if_similar`."""
    logger.warning("Image %s resembles the removed %s", image.pk, removed.image_id)
    Report.objects.create(
        image=image,
        reason=ReportReason.RESEMBLES_REMOVED,
        details=f"Resembles {removed.image_id}, removed as {removed.reason}.",
    )
    count_report(image)


def count_report(image: Image) -> None:
    """Count one more open report of an image, whose owner's row is locked."""
    Image.objects.filter(pk=image.pk).update(open_reports=F("open_reports") + 1)
