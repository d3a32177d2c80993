"""Count imported images for their owners."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, F, OuterRef, Subquery, Sum

from accounts.models import User
from images.models import Image


def lock_accounts(keys: Iterable[UUID | None]) -> set[UUID]:
    """Lock those of the accounts that exist, in the order that all code locks in."""
    accounts = User.objects.filter(pk__in={key for key in keys if key})
    locked = accounts.select_for_update(no_key=True).order_by("pk")
    return set(locked.values_list("pk", flat=True))


def count_imported(images: list[Image]) -> None:
    """Add new images to the totals of their owners, in the same transaction.

    The quota does not matter: who has more than it allows can add nothing, but loses
    nothing.
    """
    keys = [image.pk for image in images]
    new = Image.objects.filter(owner=OuterRef("pk"), pk__in=keys)
    own = new.order_by().values("owner")
    number = Subquery(own.annotate(number=Count("pk")).values("number"))
    total = Subquery(own.annotate(total=Sum("size")).values("total"))
    User.objects.filter(pk__in={image.owner_id for image in images}).update(
        item_count=F("item_count") + number,
        stored_bytes=F("stored_bytes") + total,
        **User.next_content_version(),
    )
