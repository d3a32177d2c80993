"""Pictures that were removed are known again, also when they were altered a little."""

import sqlite3
from typing import Any

from django.db import models
from django.db.backends.signals import connection_created
from django.db.models.functions import Cast
from django.dispatch import receiver
from PIL import Image as Picture

from images.moderation.models import RemovedPicture

# Of 64 bits. Copies in another size or quality differ in a few, other pictures
# in about 32; nothing is decided by it but who looks.
NEAR = 6
_COLUMNS, _ROWS = 9, 8


def perceptual_hash(picture: Picture.Image) -> int:
    """Return 64 bits, as a signed integer, that similar pictures share.

    The difference hash: does the brightness grow from each point to its right
    neighbour, on a grid of 9 by 8? (N. Krawetz, "Kind of Like That", 2013.)
    """
    grid = picture.convert("L").resize((_COLUMNS, _ROWS), Picture.Resampling.BOX)
    points = grid.tobytes()
    bits = 0
    for row in range(_ROWS):
        for column in range(_COLUMNS - 1):
            here = row * _COLUMNS + column
            bits = bits << 1 | (points[here] < points[here + 1])
    return bits - (1 << 64) if bits >> 63 else bits


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
