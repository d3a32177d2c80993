"""Pictures that were removed are known again, also when they were altered a little."""

import logging
import sqlite3
from typing import Any

from django.db import models
from django.db.backends.signals import connection_created
from django.db.models import F
from django.db.models.functions import Cast
from django.dispatch import receiver

from images.models import Image, RemovedPicture, Report, ReportReason

# Of 64 bits. Copies in another size or quality differ in a few, other pictures
# in about 32; nothing is decided by it but who looks.
NEAR = 6


class Distance(models.Func):
    """The number of bits in which a column and a number differ (Hamming)."""

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


def removed_same(sha256: str) -> RemovedPicture | None:
    """Return the removed picture with these very bytes, if there is one."""
    if not sha256:
        return None
    return RemovedPicture.objects.filter(sha256=sha256).first()


def removed_similar(perceptual: int | None) -> RemovedPicture | None:
    """Return the removed picture that is nearest, if one is near at all."""
    if perceptual is None:
        return None
    number = Cast(models.Value(perceptual), models.BigIntegerField())
    distance = Distance("perceptual_hash", number)
    near = RemovedPicture.objects.filter(perceptual_hash__isnull=False)
    return near.alias(d=distance).filter(d__lte=NEAR).order_by("d").first()


logger = logging.getLogger(__name__)


class ContentRemoved(Exception):
    """The very same file was taken down before."""


def refuse_removed(sha256: str, owner: object) -> None:
    """Raise ContentRemoved for the bytes of a picture that was taken down.

    `sha256` is that of the file without its metadata, so other metadata do not
    make another file of it.
    """
    if removed := removed_same(sha256):
        logger.warning("Refused a removed picture: %s, by %s", removed.image_id, owner)
        raise ContentRemoved


def report_if_similar(image: Image) -> None:
    """Put an image that looks like a removed one into the queue; no more than that.

    Call it in the transaction that stores the image, which holds its owner's row.
    """
    removed = removed_similar(image.perceptual_hash)
    if removed is None:
        return
    logger.warning("Resembles %s, which was removed: %s", removed.image_id, image.pk)
    Report.objects.create(
        image=image,
        reason=ReportReason.RESEMBLES_REMOVED,
        details=f"Resembles {removed.image_id}, removed as {removed.reason}.",
    )
    Image.objects.filter(pk=image.pk).update(open_reports=F("open_reports") + 1)
