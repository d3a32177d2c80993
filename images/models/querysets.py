"""Which images somebody may reach, and how rows go without leaving files behind."""

from typing import Any, Self, cast
from uuid import UUID

from django.db import models, transaction
from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    Func,
    OuterRef,
    Q,
    Subquery,
    Sum,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Greatest

from accounts.models import User
from images.models.choices import State
from images.outbox.models import PendingDeletion
from images.outbox.schedule import schedule_deletions, wants_purge

# What the indexes of the public lists hold.
IS_LISTED = Q(visibility="public", state="visible", listed=True)


# Rows a statement: below the number of parameters that SQLite takes.
_CHUNK = 10_000


class ImageQuerySet(models.QuerySet[Any]):
    """Deletes rows together with a PendingDeletion for each of their files.

    Every way in which Django deletes ends here: `Image.delete()`, `delete()` of
    a query set, and the cascade from a user (see `delete_with_owner`).
    """

    def owned_by(self, user: Any) -> Self:
        """Select what `user` may change: their own."""
        if not user.is_authenticated:
            return self.none()
        return self.of_owner(user.pk)

    def of_owner(self, key: Any) -> Self:
        """Select the images of the user with this key, to page through them.

        Without a join to the owner: PostgreSQL may merge the two, and walk along
        all users up to this one.
        """
        found: Any = self.filter(_OneOf("owner_id", Value(key, UUIDField())))
        return cast(Self, _OneOwners(self.model, found.query, found._db))

    def public(self) -> Self:
        """Select what everybody may find without knowing an id: feed and profiles.

        What is not `listed` would be left out anyway, or soon be listed again.
        """
        return self._shown().filter(visibility="public", listed=True)

    def visible_to(self, user: Any) -> Self:
        """Select what `user` may look at, knowing the id."""
        shared = self._shown().filter(visibility__in=["public", "unlisted"])
        if not user.is_authenticated:
            return shared
        return shared | self.filter(owner=user)

    def _shown(self) -> Self:
        """Leave out what is hidden from everybody but its owner, whoever may see it.

        The one place that says so. What moderation has hidden is
        not shown, nor are the images of inactive accounts.
        """
        return self.filter(state="visible", owner__is_active=True)

    def delete(
        self, reason: str = "deleted", receipt: UUID | None = None
    ) -> tuple[int, dict[str, int]]:
        """Delete the rows, count down, and note the files, in one transaction.

        `reason` is a PendingDeletion.Reason, `receipt` the id of a DeletionReceipt.
        """
        with transaction.atomic(using=self.db):
            keys = self.lock()
            self.delete_locked(keys, reason, receipt)
        return len(keys), {self.model._meta.label: len(keys)}

    # As on Django's own: not for templates, and not on managers.
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def lock(self) -> list[UUID]:
        """Lock the rows, and before them their owners; returns the primary keys.

        The order of everything that moves the counter. Whoever locks an image
        first and then its owner can meet a deletion of the account coming the
        other way, and one of the two fails. Call it in a transaction.
        """
        lock_owners(self, self.db)
        rows = self.using(self.db).select_for_update(of=("self",)).order_by("pk")
        return list(rows.values_list("pk", flat=True))

    def delete_locked(
        self, keys: list[UUID], reason: str = "deleted", receipt: UUID | None = None
    ) -> None:
        """Delete the rows with these keys, which `lock` has locked.

        In a number of statements that does not depend on the rows. Without the lock
        a replacement that is committed between two of them would leave a file that
        nobody names.
        """
        for start in range(0, len(keys), _CHUNK):
            self._delete_chunk(keys[start : start + _CHUNK], reason, receipt)

    delete_locked.alters_data = True  # type: ignore[attr-defined]
    delete_locked.queryset_only = True  # type: ignore[attr-defined]

    def _raw_delete(self, using: str | None) -> int:
        """Delete as `delete` does: Django ends its fast deletions and cascades here."""
        return self.using(using).delete()[0]

    def _delete_chunk(
        self, keys: list[UUID], reason: str, receipt: UUID | None
    ) -> None:
        using = self.db
        doomed = self.model._base_manager.using(using).filter(pk__in=keys)
        schedule_deletions(
            doomed, reason=reason, purge=_wants_purge(reason), receipt=receipt
        )
        of_owner = doomed.filter(owner=OuterRef("pk")).order_by().values("owner")
        number = Subquery(of_owner.annotate(number=Count("pk")).values("number"))
        total = Subquery(of_owner.annotate(total=Sum("size")).values("total"))
        User.objects.using(using).filter(pk__in=doomed.values("owner")).update(
            # Never below zero: a wrong counter must not keep a row from going.
            item_count=Greatest(F("item_count") - number, 0),
            stored_bytes=Greatest(F("stored_bytes") - total, 0),
            **User.next_content_version(),
        )
        # Past this class's override, and below what would delete the reports.
        self._reports(keys, using)._raw_delete(using)
        models.QuerySet._raw_delete(doomed, using)

    def _reports(self, keys: list[Any], using: str | None) -> models.QuerySet[Any]:
        reports = self.model._meta.get_field("reports").related_model
        return reports._base_manager.using(using).filter(image__in=keys)


def _wants_purge(reason: str) -> Case:
    """Say, as an expression over images, whether the CDN's copies have to go too.

    Those of an image that was taken down have to, whoever deletes it. A file in
    quarantine has none.
    """
    reasons = PendingDeletion.Reason
    reachable = Q(state=State.TAKEN_DOWN, quarantined_at=None)
    taken_down = When(reachable, then=Value(wants_purge(reasons.TAKEN_DOWN)))
    return Case(taken_down, default=Value(wants_purge(reasons(reason))))


class _OneOf(Func):
    """Equality to a key, which PostgreSQL does not take for a constant then."""

    # With a type, which a parameter has none of by itself.
    template = "(%(expressions)s]::uuid[]))"
    arg_joiner = " = ANY(ARRAY["
    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="(%(expressions)s)", arg_joiner=" = "
        )


class _OneOwners(ImageQuerySet):
    """The images of one user, in the order of an index that begins with the owner.

    For `owner_id = x ORDER BY id` PostgreSQL may walk along everybody's images
    instead, from the newest: it takes a user's to be spread evenly among them. For
    one whose images are old those are millions. So the owner leads the order too,
    which it would drop for a constant.
    """

    def order_by(self, *names: Any) -> Self:
        if not names:
            return super().order_by()
        # A page before another one is read backwards, the whole index.
        newest_first = str(names[0]).startswith("-")
        return super().order_by("owner_id" if newest_first else "-owner_id", *names)


class TicketQuerySet(models.QuerySet[Any]):
    """Deletes tickets in the order of locks that completing them has, too."""

    def _raw_delete(self, using: str | None) -> int:
        with transaction.atomic(using=using):
            lock_owners(self, using)
            return super()._raw_delete(using)


def lock_owners(rows: models.QuerySet[Any], using: str | None) -> None:
    """Lock the users whose rows these are; call it in a transaction.

    Not against rows that refer to them: two people who report each other's images
    at once would each wait for the other.
    """
    owners = User.objects.using(using).filter(
        pk__in=rows.using(using).order_by().values("owner")
    )
    list(owners.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def delete_with_owner(collector: Any, field: Any, sub_objs: Any, using: str) -> None:
    """Let a user's images go with the user, in bulk; an `on_delete` of Django's.

    Cascading would load each row. Fast deletes are what Django runs, inside the
    transaction, as `_raw_delete` of the query set.
    """
    collector.fast_deletes.append(sub_objs)
