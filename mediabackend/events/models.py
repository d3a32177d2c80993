"""The model of the events that are sent to EVENTS_URL."""

import json
from uuid import uuid5

from django.db import models
from django.utils import timezone


class Kind(models.TextChoices):
    IMAGE_CREATED = "image.created"
    IMAGE_UPDATED = "image.updated"
    IMAGE_REPLACED = "image.replaced"
    IMAGE_DELETED = "image.deleted"
    IMAGE_TAKEN_DOWN = "image.taken_down"
    IMAGE_RESTORED = "image.restored"
    USER_CREATED = "user.created"
    USER_SUSPENDED = "user.suspended"
    USER_REINSTATED = "user.reinstated"
    USER_DELETED = "user.deleted"


class Event(models.Model):
    """A change of an image or a user, to send to EVENTS_URL; see docs/events.md.

    The row is written in the transaction of the change. Events of one subject are sent
    in the order of their primary keys: each of these transactions locks the subject's
    row, so a later change has a larger key.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20, choices=Kind)
    subject = models.UUIDField(help_text="The id of the image or of the user.")
    owner = models.UUIDField(null=True, help_text="The id of the image's owner.")
    # No personal data: rows outlive the accounts.
    data = models.JSONField(default=dict, help_text="What the event says besides.")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(
        null=True, help_text="When the first attempt failed."
    )
    finished_at = models.DateTimeField(
        null=True, help_text="When it was sent or given up."
    )
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="event_due",
                condition=models.Q(state="waiting"),
            ),
            # To find the oldest event of each subject.
            models.Index(
                fields=["subject", "id"],
                name="event_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["finished_at"],
                name="event_finished",
                condition=~models.Q(state="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def message_id(self) -> str:
        """The `webhook-id`: the same in each attempt, and different for each event."""
        return f"msg_{uuid5(self.subject, f'{self.pk} {self.kind}').hex}"

    @property
    def body(self) -> str:
        """The JSON text to send."""
        owner = {"owner": str(self.owner)} if self.owner else {}
        content = {
            "type": self.kind,
            "timestamp": self.created_at.isoformat().replace("+00:00", "Z"),
            "data": {"id": str(self.subject), **owner, **self.data},
        }
        return json.dumps(content, separators=(",", ":"))
