"""Models of direct uploads: upload tickets, and messages of ImageKit's webhooks."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from images.models.querysets import ARRIVES_WITHIN, TicketQuerySet
from mediabackend.db.ids import uuid7

# Tickets and messages are kept for this time, to answer repeated requests.
KEPT_FOR = timedelta(days=1)


class UploadTicket(models.Model):
    """The permission to upload one file straight to ImageKit, and its result.

    `id` is the id of the future image. The ticket's token is not stored: it is signed,
    and ImageKit accepts it once.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Without a constraint: the deletion of an account does not have to wait for tickets
    # that are created meanwhile. Such a ticket cannot be completed.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_constraint=False
    )
    path = models.CharField(
        max_length=255,
        unique=True,
        help_text="The only path to which ImageKit accepts the upload.",
    )
    # Without a constraint: the sweep removes reservations, but not tickets.
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
    size = models.PositiveBigIntegerField(
        help_text="The most bytes that the file may have."
    )
    expires_at = models.DateTimeField(db_index=True)
    file_id = models.CharField(
        max_length=40,
        blank=True,
        help_text="The id of the uploaded file, once the ticket is completed.",
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        # A cascade uses this manager.
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.path

    @property
    def is_over(self) -> bool:
        """Whether it is too late to complete the ticket."""
        return self.expires_at + ARRIVES_WITHIN <= timezone.now()


class WebhookMessage(models.Model):
    """The id of a processed message of ImageKit's webhooks."""

    id = models.CharField(primary_key=True, max_length=200)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.id
