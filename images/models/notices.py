"""Mails to owners about decisions on their images and accounts."""

from django.db import models
from django.utils import timezone

from images.models.moderation import Decision


class OwnerNotice(models.Model):
    """A mail that tells a user of a decision, before and after it is sent.

    The row is written in the transaction of the decision, so no mail is lost. The mail
    is made from the decision when it is sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        REPLACED = "replaced", "Not sent, as another decision followed"
        GONE = "gone", "Not sent, as the account is deleted"
        FAILED = "failed", "Given up"

    decision = models.OneToOneField(
        Decision, on_delete=models.CASCADE, primary_key=True, related_name="notice"
    )
    was_reported = models.BooleanField(
        default=False, help_text="Whether people had reported it."
    )
    was_compared = models.BooleanField(
        default=False,
        help_text="Whether the comparison with removed pictures had reported it.",
    )
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        # The page of a decision shows its mail.
        default_permissions = ()
        indexes = [
            models.Index(
                fields=["due_at"],
                name="owner_notice_due",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["finished_at"],
                name="owner_notice_failed",
                condition=models.Q(state="failed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.decision_id}"
