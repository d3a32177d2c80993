"""Models of the outbox: remote files to delete, and receipts of deletions."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from images.imagekit.aliases import DEFAULT
from mediabackend.db.ids import uuid7

# The API offers a receipt for this time.
RECEIPTS_KEPT_FOR = timedelta(days=30)


class PendingDeletion(models.Model):
    """A remote file to delete, now or later; see docs/decisions/0001-remote-files.md.

    There is a row for each remote file that no Image names: during its upload (a
    reservation), and after its replacement or deletion until ImageKit has confirmed
    that the file is deleted and, if a purge is wanted, that the CDN's copies are too.
    """

    class Reason(models.TextChoices):
        RESERVATION = "reservation", "Upload has not ended"
        REPLACED = "replaced", "Replaced by its owner"
        MOVED = "moved", "Moved to another path"
        DELETED = "deleted", "Deleted by its owner"
        BY_STAFF = "by_staff", "Deleted by staff"
        TAKEN_DOWN = "taken_down", "Taken down"
        ORPHANED = "orphaned", "Belongs to no image"

        @property
        def is_removal(self) -> bool:
            """Whether staff wanted the picture out of everybody's sight."""
            return self in (type(self).TAKEN_DOWN, type(self).BY_STAFF)

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(
        max_length=255,
        help_text="The stored name: the path and, if known, ImageKit's file id.",
    )
    storage = models.CharField(
        max_length=20,
        default=DEFAULT,
        db_default=DEFAULT,
        help_text="The alias of the storage that the name belongs to.",
    )
    reason = models.CharField(max_length=11, choices=Reason)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    not_before = models.DateTimeField(
        null=True, help_text="Until then a client may still upload to this path."
    )
    purge = models.BooleanField(
        default=False, help_text="Whether the CDN's copies have to be purged too."
    )
    file_deleted_at = models.DateTimeField(
        null=True, help_text="When the file was deleted; only the purge is left."
    )
    # ImageKit promises no length.
    purge_request_id = models.TextField(blank=True, db_default="")
    purge_ordered_at = models.DateTimeField(
        null=True, help_text="When the purge was ordered at ImageKit."
    )
    purge_waits = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether the purge waits for the next month's budget.",
    )
    purge_allowed = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether staff have let the purge use what is kept for take-downs.",
    )
    # Without a constraint: a receipt may be deleted before its rows.
    receipt = models.ForeignKey(
        "DeletionReceipt",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    attempts = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "deletion at ImageKit"
        verbose_name_plural = "deletions at ImageKit"
        ordering = ["due_at"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="purge_waits",
                condition=models.Q(purge_waits=True),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeletionReceipt(models.Model):
    """The progress of one deletion: when each step was done for all its files.

    The columns of the purge stay null if no purge is wanted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without a constraint: the deletion of the account does not have to wait for a
    # sweep that has locked these rows.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    row_removed = models.DateTimeField(default=timezone.now, db_index=True)
    file_deleted = models.DateTimeField(null=True)
    purge_requested = models.DateTimeField(null=True)
    purge_completed = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class PurgeCount(models.Model):
    """The number of purges ordered in a month; see `images.outbox.budget`.

    `scope` is `all`, `owners` (all but take-downs), or the id of one owner.
    """

    id = models.BigAutoField(primary_key=True)
    month = models.DateField()
    scope = models.CharField(max_length=255)
    number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "scope"], name="purge_count_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.scope}"
