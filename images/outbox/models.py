"""Remote files that have to go, and the receipts of deletions."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from mediabackend.db.ids import uuid7

# How long whoever deleted can ask for the receipt.
RECEIPTS_KEPT_FOR = timedelta(days=30)


class PendingDeletion(models.Model):
    """A remote file that has to go, at once or later; see docs/decisions.

    A row stands for each remote file that no Image names: while its upload runs
    (a reservation), and from the moment it was replaced or deleted until
    ImageKit has confirmed that it is gone and, where that was asked for, that
    the CDN's copies are.
    """

    class Reason(models.TextChoices):
        RESERVATION = "reservation"
        REPLACED = "replaced"
        DELETED = "deleted"
        TAKEN_DOWN = "taken_down"
        ORPHANED = "orphaned"

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, help_text="As the storage knows it.")
    reason = models.CharField(max_length=11, choices=Reason)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    not_before = models.DateTimeField(
        null=True, help_text="Others may write to this path until then."
    )
    purge = models.BooleanField(
        default=False, help_text="The CDN's copies have to go too."
    )
    file_deleted_at = models.DateTimeField(
        null=True, help_text="Only the purge is left to do since then."
    )
    # ImageKit promises no length.
    purge_request_id = models.TextField(blank=True, db_default="")
    purge_ordered_at = models.DateTimeField(
        null=True, help_text="Until the CDN has done it, it is asked."
    )
    # Without a constraint: a receipt may go first, and nobody misses it.
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
        ordering = ["due_at"]

    def __str__(self) -> str:
        return self.name


class DeletionReceipt(models.Model):
    """What became of the files of one deletion: when each step was done for all.

    The purge's columns stay null where no purge was wanted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without a constraint: when the account goes, nobody can ask any more, and
    # its deletion need not wait for a sweep that holds these rows.
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
