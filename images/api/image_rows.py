"""Image rows for the API, read by queries that are compiled once."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet, Subquery
from rest_framework.exceptions import NotFound

from accounts.models import User
from images.models import Image
from images.models.querysets import IS_LISTED, ImageQuerySet
from mediabackend.db.compiled import CompiledObjects, CompiledQuery

Select = Callable[..., ImageQuerySet]


class ImageRow(NamedTuple):
    """The columns that an answer about an image needs."""

    id: UUID
    owner_id: UUID
    owner_name: str
    file: str
    caption: str
    alt_text: str
    visibility: str
    width: int
    height: int
    size: int
    format: str
    delivered_as_is: bool
    placeholder: str
    dominant_color: str
    version: int
    created_at: Any
    updated_at: Any
    missing_since: Any
    quarantined_at: Any
    left_in_place: bool
    state: str
    state_reason: str
    state_note: str
    state_since: Any

    @classmethod
    def of(cls, image: Image) -> "ImageRow":
        """Return the row of an instance, as it is now."""
        values = {
            name: getattr(image, name) for name in cls._fields if name != "owner_name"
        }
        values["file"] = str(image.file.name)
        return cls(owner_name=image.owner.display_name, **values)


@lru_cache(maxsize=256)
def _compiled(select: Select, order: str, where: str, start: int, stop: int) -> Any:
    """Return the query for one shape of page; `where` filters by the last key."""

    def build(*keys: UUID) -> QuerySet[Any, Any]:
        if where:
            images = select(*keys[:-1]).filter(**{where: keys[-1]})
        else:
            images = select(*keys)
        return images.order_by(order).values_list(*ImageRow._fields)[start:stop]

    return CompiledQuery(Image, build)


class ImagePages:
    """Pages of the images that `select(*keys)` selects, for a CursorPagination.

    Implements the part of QuerySet that CursorPagination uses. `using` names another
    database than the default one.
    """

    model = Image

    def __init__(self, select: Select, *keys: UUID, using: str | None = None) -> None:
        self._select = select
        self._keys = keys
        self._using = using
        self._order = "id"
        self._where = ""

    def order_by(self, order: str) -> Self:
        self._order = order
        return self

    def filter(self, **position: str) -> Self:
        """Begin after a position; raises ValidationError when it is not a UUID."""
        ((self._where, text),) = position.items()
        try:
            self._keys = (*self._keys, UUID(text))
        except ValueError as error:
            raise ValidationError("Not a UUID.", "invalid") from error
        return self

    def __getitem__(self, cut: slice) -> list[ImageRow]:
        shape = (self._select, self._order, self._where, cut.start, cut.stop)
        query = _compiled(*shape)
        rows = query.rows(*self._keys, using=self._using)
        return [ImageRow(*row) for row in rows]


def parse_id(text: str) -> UUID:
    """Return the id; raises NotFound for a text that is not a UUID."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def own_images(owner: UUID) -> ImageQuerySet:
    """Select all images of a user."""
    name = User.objects.filter(pk=owner).values("display_name")
    return Image.objects.of_owner(owner).annotate(owner_name=Subquery(name))


def listed_images(owner: UUID) -> ImageQuerySet:
    """Select the public images of a user, without asking whether they are active."""
    return own_images(owner).filter(IS_LISTED)


def public_images() -> ImageQuerySet:
    """Select everybody's public images."""
    return Image.objects.public().annotate(owner_name=F("owner__display_name"))


def own_image(user: User, key: UUID) -> Image | None:
    """Return the image if it belongs to the user."""
    image = _own.first(key, user.pk)
    if image:
        image.owner = user
    return image


def visible_row(user: Any, key: UUID) -> ImageRow | None:
    """Return the image if `user` may see it; see `ImageQuerySet.visible_to`."""
    if user.is_authenticated:
        rows = _visible_to_viewer.rows(key, user.pk)
    else:
        rows = _visible_to_all.rows(key)
    return ImageRow(*rows[0]) if rows else None


def _visible(key: UUID, viewer: Any) -> QuerySet[Any, Any]:
    images = Image.objects.filter(pk=key).visible_to(viewer)
    images = images.annotate(owner_name=F("owner__display_name"))
    return images.values_list(*ImageRow._fields)


_own = CompiledObjects(
    Image, lambda key, owner: Image.objects.filter(pk=key, owner=owner)
)
_visible_to_viewer = CompiledQuery(
    Image, lambda key, viewer: _visible(key, User(pk=viewer))
)
_visible_to_all = CompiledQuery(Image, lambda key: _visible(key, AnonymousUser()))
