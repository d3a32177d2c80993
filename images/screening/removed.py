"""Recognise removed pictures, even if they were altered a little."""

import logging
import sqlite3
from typing import Any

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


def _distance(one: int, other: int) -> int:
    return ((one ^ other) & (1 << 64) - 1).bit_count()


def find_removed_copy(sha256: str) -> RemovedPicture | None:
    """Return the removed picture with exactly these bytes, if there is one."""
    if not sha256:
        return None
    return RemovedPicture.objects.filter(sha256=sha256).first()


def find_similar_removed(perceptual: int | None) -> RemovedPicture | None:
    """Return the most similar removed picture, if one is similar enough."""
    if perceptual is None:
        return None
    number = Cast(models.Value(perceptual), models.BigIntegerField())
    distance = Distance("perceptual_hash", number)
    near = RemovedPicture.objects.filter(perceptual_hash__isnull=False)
    return near.alias(d=distance).filter(d__lte=NEAR).order_by("d").first()


class ContentRemoved(Exception):
    """A file with the same bytes was taken down before."""


def refuse_removed(sha256: str, owner: object) -> None:
    """Raise ContentRemoved if a picture with these bytes was taken down.

    `sha256` is the hash of the file without metadata, so a copy with other metadata is
    recognised too.
    """
    if removed := find_removed_copy(sha256):
        logger.warning(
            "User %s uploaded the removed picture %s", owner, removed.image_id
        )
        raise ContentRemoved


def report_if_similar(image: Image) -> None:
    """Report an image that looks like a removed one to the moderators.

    Call it in the transaction that stores the image and has locked its owner's row.
    """
    removed = find_similar_removed(image.perceptual_hash)
    if removed is None:
        return
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
