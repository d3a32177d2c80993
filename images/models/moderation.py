"""Models of moderation: reports, decisions, mails about them, and removed pictures."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone

from mediabackend.db.ids import uuid7


class Violation(models.TextChoices):
    """The rule that an image breaks; the values are those of the API."""

    SPAM = "spam"
    NUDITY = "nudity"
    VIOLENCE = "violence"
    HARASSMENT = "harassment"
    COPYRIGHT = "copyright"
    OTHER = "other"


# The comparison of pictures has a reason of its own.
RESEMBLES_REMOVED = "resembles_removed"
REPORT_REASONS = [
    *Violation.choices,
    (RESEMBLES_REMOVED, "Resembles a removed picture"),
]


class Report(models.Model):
    """A request to the moderators to look at an image."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Images are deleted in bulk without Django's cascade; the query set of Image
    # deletes their reports too.
    image = models.ForeignKey(
        "images.Image", on_delete=models.DO_NOTHING, related_name="reports"
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        help_text="Empty if the comparison with removed pictures made the report.",
    )
    reason = models.CharField(max_length=17, choices=REPORT_REASONS)
    details = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When a moderator made a decision about the image.",
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["image", "reporter"], name="report_once_per_reporter"
            )
        ]
        indexes = [
            models.Index(fields=["created_at"], name="report_day"),
            models.Index(
                fields=["id"],
                name="report_open",
                condition=models.Q(closed_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} ({self.image_id})"


class Action(models.TextChoices):
    """The kinds of decisions."""

    APPROVE = "approve"
    TAKE_DOWN = "take_down", "Take down"
    RESTORE = "restore"
    SUSPEND = "suspend", "Suspend user"
    REINSTATE = "reinstate", "Reinstate user"
    HIDE = "hide", "Hide until reviewed"
    DELETE = "delete", "Delete"


class Decision(models.Model):
    """An entry in the log of decisions; it is never changed.

    It has plain ids of images and users, as it is kept after their deletion.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    action = models.CharField(max_length=9, choices=Action)
    reason = models.CharField(max_length=10, choices=Violation, blank=True)
    note = models.CharField(
        max_length=1000, blank=True, help_text="The owner of the image can read it."
    )
    legal_ground = models.CharField(
        max_length=200,
        blank=True,
        help_text="The law that it breaks, if it is illegal.",
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="decisions",
        help_text="Empty if the number of reports led to the decision.",
    )
    moderator_name = models.CharField(max_length=254, blank=True)
    image_id = models.UUIDField(null=True, db_index=True)
    user_id = models.UUIDField(
        db_index=True,
        help_text="The owner of the image, or the suspended or reinstated user.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], name="decision_day")]
        permissions = [
            ("moderate_image", "Can approve, take down and restore images"),
            ("suspend_user", "Can suspend and reinstate users"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}, {self.created_at:%Y-%m-%d %H:%M}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; raises PermissionDenied if it exists already."""
        if not self._state.adding:
            raise PermissionDenied("The log of decisions cannot be changed.")
        super().save(*args, **kwargs)


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


class RemovedPicture(models.Model):
    """The fingerprints of a picture that was taken down."""

    id = models.BigAutoField(primary_key=True)
    # A plain id: the image may be deleted.
    image_id = models.UUIDField(unique=True)
    reason = models.CharField(max_length=10, choices=Violation)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    perceptual_hash = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.image_id)
