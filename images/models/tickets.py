"""Uploads that do not pass through us: their tickets, and ImageKit's messages."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from images.models.querysets import TicketQuerySet
from mediabackend.db.ids import uuid7

# How long after its ticket's expiry a file may still arrive, as its transfer may
# have begun in time. Until then it can be completed; after that it is swept away.
ARRIVES_WITHIN = timedelta(hours=1)


# How long tickets and messages are remembered, to answer what is repeated.
KEPT_FOR = timedelta(days=1)


class UploadTicket(models.Model):
    """The permission to send one file straight to ImageKit, and what came of it.

    `id` is that of the image to be. The ticket's token is not kept: it is signed,
    and ImageKit takes it once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without a constraint: the deletion of an account need not wait for tickets
    # that are given out meanwhile. Such a ticket cannot be completed.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_constraint=False
    )
    path = models.CharField(
        max_length=255, unique=True, help_text="The only one that ImageKit accepts."
    )
    # A plain reference: the sweep removes reservations, and tickets stay.
    reservation = models.ForeignKey(
        "images.PendingDeletion",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    caption = models.CharField(max_length=2200, blank=True)
    alt_text = models.CharField(max_length=1000, blank=True)
    visibility = models.CharField(max_length=8)
    expires_at = models.DateTimeField(db_index=True)
    file_id = models.CharField(
        max_length=40, blank=True, help_text="The file that it was completed with."
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        # A cascade takes its rows from here.
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.path

    @property
    def is_over(self) -> bool:
        """Whether it is too late to complete it."""
        return self.expires_at + ARRIVES_WITHIN <= timezone.now()


class WebhookMessage(models.Model):
    """The id of a message of ImageKit that was dealt with."""

    id = models.CharField(primary_key=True, max_length=200)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.id
