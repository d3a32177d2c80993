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


def similar_removed(perceptual: int | None) -> models.QuerySet[RemovedPicture]:
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
        reason=ReportReason.RESEMBLES_REMOVED,
        details=f"Resembles {removed.image_id}, removed as {removed.reason}.",
    )
    count_report(image)


def count_report(image: Image) -> None:
    """Count one more open report of an image, whose owner's row is locked."""
    Image.objects.filter(pk=image.pk).update(open_reports=F("open_reports") + 1)
