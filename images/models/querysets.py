"""Query sets: images that a user may see or change, and deletions with their files."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple, Self, cast
from uuid import UUID

from django.db import models, transaction
from django.db.models import Case, F, Q, UUIDField, Value, When
from django.utils import timezone

from accounts.models import User
from images.imagekit.aliases import DEFAULT, KIT_BACKEND
from images.models.choices import State
from images.models.events import image_event
from images.models.expressions import OneOf
from images.models.moderation import Report
from images.models.totals import change_totals
from images.outbox.models import PendingDeletion
from images.outbox.schedule import schedule_deletions, wants_purge
from mediabackend.events.models import Event, Kind
from mediabackend.events.noting import NotingQuerySet, note_events

# The condition of the indexes of the public lists.
IS_LISTED = Q(visibility="public", state="visible", listed=True)
# Images that only their owner may look at: private, and no matter of moderation. An
# instance says the same by `is_confidential`.
IS_CONFIDENTIAL = Q(visibility="private", state="visible", open_reports=0)
# A file may arrive this long after its ticket has expired, as its transfer may have
# begun before. Until then the ticket can be completed; then the sweep deletes the file.
ARRIVES_WITHIN = timedelta(hours=1)
# The condition of the index of the images that the sweep gives a preview.
NEEDS_PREVIEW = Q(perceptual_hash=None, delivered_as_is=False)
_LEFT_IN_PLACE = When(left_in_place=True, then=Value(KIT_BACKEND))
# Rows per statement: below the number of parameters that SQLite takes.
_CHUNK = 10_000


class LockedImage(NamedTuple):
    """A row that `ImageQuerySet.lock` has locked; `size` is in bytes."""

    pk: UUID
    owner_id: UUID
    size: int


class ImageQuerySet(NotingQuerySet[Any]):
    """Images; each deletion adds a PendingDeletion for each file, and notes an event.

    All of Django's deletions end here: `Image.delete()`, `delete()` of a query set, and
    the cascade from a user (see `delete_with_owner`).
    """

    def created_event(self, row: Any) -> Event:
        return image_event(Kind.IMAGE_CREATED, row)

    def owned_by(self, user: Any) -> Self:
        """Select the images that `user` may change, which are their own."""
        if not user.is_authenticated:
            return self.none()
        return self.of_owner(user.pk)

    def of_owner(self, key: Any) -> Self:
        """Select the images of the user with this key, to page through them.

        There is no join to the owner: for it, PostgreSQL may read all users up to this
        one.
        """
        found: Any = self.filter(OneOf("owner_id", Value(key, UUIDField())))
        return cast(Self, _OneOwners(self.model, found.query, found._db))

    def public(self) -> Self:
        """Select the images that everybody may find without an id: feed and profiles.

        Images that are not `listed` have an inactive owner, or will soon be listed
        again.
        """
        return self._shown().filter(visibility="public", listed=True)

    def visible_to(self, user: Any) -> Self:
        """Select the images that `user` may see if they know the id."""
        shared = self._shown().filter(visibility__in=["public", "unlisted"])
        if not user.is_authenticated:
            return shared
        return shared | self.filter(owner=user)

    def open_to_moderators(self) -> Self:
        """Leave out private images, unless they are reported or taken down."""
        return self.exclude(IS_CONFIDENTIAL)

    def reviewable_by(self, user: Any) -> Self:
        """Select the images that `user`, a member of the staff, may find.

        Superusers also see that a confidential image is there; its picture is shown
        after a click that is logged, see `images.moderation.desk.pages`.
        """
        return self.all() if user.is_superuser else self.open_to_moderators()

    def _shown(self) -> Self:
        """Leave out images hidden by moderation, and those of inactive accounts."""
        return self.filter(state="visible", owner__is_active=True)

    def delete(
        self, reason: str = "deleted", receipt: UUID | None = None
    ) -> tuple[int, dict[str, int]]:
        """Delete the rows, reduce the totals and schedule the files' deletion.

        All in one transaction. `reason` is a PendingDeletion.Reason, `receipt` the id
        of a DeletionReceipt.
        """
        with transaction.atomic(using=self.db):
            rows = self.lock()
            self.delete_locked(rows, reason, receipt)
        return len(rows), {self.model._meta.label: len(rows)}

    # As Django's own `delete`: not for templates, and not on managers.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def lock(self) -> list[LockedImage]:
        """Lock the owners, then the rows; return the rows.

        Call it in a transaction. All code locks in this order: locking an image before
        its owner could deadlock with a deletion of the account.
        """
        lock_owners(self, self.db)
        rows = self.using(self.db).select_for_update(of=("self",)).order_by("pk")
        return [LockedImage(*row) for row in rows.values_list(*LockedImage._fields)]

    def delete_locked(
        self,
        rows: Sequence[LockedImage],
        reason: str = "deleted",
        receipt: UUID | None = None,
    ) -> None:
        """Delete rows that `lock` has locked.

        The number of statements depends on the number of owners, not on that of rows.
        Without the lock, a replacement that is committed between two of them would
        leave a file that no row names.
        """
        for start in range(0, len(rows), _CHUNK):
            self._delete_chunk(rows[start : start + _CHUNK], reason, receipt)

    delete_locked.alters_data = True  # type: ignore[attr-defined]
    delete_locked.queryset_only = True  # type: ignore[attr-defined]

    def _raw_delete(self, using: str | None) -> int:
        """Do the same as `delete`; for Django's fast deletions and cascades."""
        return self.using(using).delete()[0]

    def _delete_chunk(
        self, rows: Sequence[LockedImage], reason: str, receipt: UUID | None
    ) -> None:
        using = self.db
        keys = [row.pk for row in rows]
        doomed = self.model._base_manager.using(using).filter(pk__in=keys)
        schedule_deletions(
            doomed,
            reason=reason,
            purge=_wants_purge(reason),
            storage=Case(_LEFT_IN_PLACE, default=Value(DEFAULT)),
            receipt=receipt,
        )
        note_events(Kind.IMAGE_DELETED, doomed, owner=F("owner"))
        sizes: dict[UUID, list[int]] = defaultdict(list)
        for row in rows:
            sizes[row.owner_id].append(row.size)
        for owner, owned in sorted(sizes.items()):
            change_totals(owner, -len(owned), -sum(owned), using)
        # Not by `delete`, which would call the override above.
        reports = Report.objects.using(using).filter(image__in=keys)
        reports._raw_delete(using)
        models.QuerySet._raw_delete(doomed, using)


def _wants_purge(reason: str) -> Case:
    """Return an expression over images: whether to purge the CDN's copies too.

    The copies of a taken-down image count as such whoever deletes it. A file in
    quarantine has no copies.
    """
    reasons = PendingDeletion.Reason
    reachable = Q(state=State.TAKEN_DOWN, quarantined_at=None)
    taken_down = When(reachable, then=Value(wants_purge(reasons.TAKEN_DOWN)))
    return Case(taken_down, default=Value(wants_purge(reasons(reason))))


class _OneOwners(ImageQuerySet):
    """The images of one user, ordered as the index that begins with the owner.

    For `owner_id = x ORDER BY id` PostgreSQL may read everybody's images from the
    newest on, as it expects a user's images to be spread evenly among them. If a user's
    images are old, that may be millions of rows. So the order begins with the owner,
    which PostgreSQL would leave out for a constant.
    """

    def order_by(self, *names: Any) -> Self:
        if not names:
            return super().order_by()
        # A previous page is read backwards along the whole index.
        newest_first = str(names[0]).startswith("-")
        return super().order_by("owner_id" if newest_first else "-owner_id", *names)


class TicketQuerySet(models.QuerySet[Any]):
    """Tickets; a deletion locks the owners first, as a completion does."""

    def open(self) -> Self:
        """Select the tickets that can still be completed."""
        return self.filter(file_id="", expires_at__gt=timezone.now() - ARRIVES_WITHIN)

    def _raw_delete(self, using: str | None) -> int:
        with transaction.atomic(using=using):
            lock_owners(self, using)
            return super()._raw_delete(using)


def lock_owners(rows: models.QuerySet[Any], using: str | None) -> None:
    """Lock the owners of these rows; call it in a transaction.

    New rows that refer to the users are still possible (`no_key`): otherwise two people
    who report each other's images at the same time could deadlock.
    """
    owners = User.objects.using(using).filter(
        pk__in=rows.using(using).order_by().values("owner")
    )
    list(owners.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def delete_with_owner(collector: Any, field: Any, sub_objs: Any, using: str) -> None:
    """Delete a user's images with the user, in bulk; an `on_delete` for Django.

    CASCADE would load each row. Django runs fast deletes inside its transaction, by
    `_raw_delete` of the query set.
    """
    collector.fast_deletes.append(sub_objs)
