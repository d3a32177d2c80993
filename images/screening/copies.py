"""Look for copies of a new picture, in one statement."""

import secrets
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db.models import QuerySet, Subquery

from accounts.models import User
from images.models import Image, RemovedPicture
from images.screening.removed import refuse_copy, similar_removed
from mediabackend.db.compiled import CompiledQuery


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
