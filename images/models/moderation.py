"""Reports, decisions and the fingerprints of what was removed."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone

from mediabackend.db.ids import uuid7


class Violation(models.TextChoices):
    """Why an image is reported or taken down; the values are those of the API."""

    SPAM = "spam"
    NUDITY = "nudity"
    VIOLENCE = "violence"
    HARASSMENT = "harassment"
    COPYRIGHT = "copyright"
    OTHER = "other"


class ReportReason(models.TextChoices):
    """The reasons of people, and the one of the machine."""

    SPAM = "spam"
    NUDITY = "nudity"
    VIOLENCE = "violence"
    HARASSMENT = "harassment"
    COPYRIGHT = "copyright"
    OTHER = "other"
    RESEMBLES_REMOVED = "resembles_removed", "Resembles a removed picture"


class Report(models.Model):
    """Somebody's hint that an image should be looked at."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Images go in bulk, below Django's cascade; their reports go with them there.
    image = models.ForeignKey(
        "images.Image", on_delete=models.DO_NOTHING, related_name="reports"
    )
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        help_text="Nobody: the comparison with removed pictures.",
    )
    reason = models.CharField(max_length=17, choices=ReportReason)
    details = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(
        null=True, editable=False, help_text="When a moderator decided on the image."
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["image", "reporter"], name="report_once_per_reporter"
            )
        ]
        indexes = [models.Index(fields=["created_at"], name="report_day")]

    def __str__(self) -> str:
        return f"{self.reason} ({self.image_id})"


class Action(models.TextChoices):
    """What was decided."""

    APPROVE = "approve"
    TAKE_DOWN = "take_down", "Take down"
    RESTORE = "restore"
    SUSPEND = "suspend", "Suspend user"
    REINSTATE = "reinstate", "Reinstate user"
    HIDE = "hide", "Hide until reviewed"


class Decision(models.Model):
    """A line of the log: who decided what, when and why. Never changed.

    Images and users are named by plain ids: the line outlives them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    action = models.CharField(max_length=9, choices=Action)
    reason = models.CharField(max_length=10, choices=Violation, blank=True)
    note = models.CharField(
        max_length=1000, blank=True, help_text="The owner of the image can read it."
    )
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="decisions",
        help_text="Nobody: decided by the number of reports.",
    )
    moderator_name = models.CharField(max_length=254, blank=True)
    image_id = models.UUIDField(null=True, db_index=True)
    user_id = models.UUIDField(db_index=True, help_text="The owner, or the user.")
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
        """Add the line; raises PermissionDenied where it would change one."""
        if not self._state.adding:
            raise PermissionDenied("The log of decisions is not changed.")
        super().save(*args, **kwargs)


class RemovedPicture(models.Model):
    """The fingerprints of a picture that was taken down, and stays so."""

    id = models.BigAutoField(primary_key=True)
    # Of the image, which is free to go.
    image_id = models.UUIDField(unique=True)
    reason = models.CharField(max_length=10, choices=Violation)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    perceptual_hash = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.image_id)
