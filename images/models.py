"""Images, and the remote files that have to go."""

import secrets
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.db.models.functions import StrIndex, Substr
from django.utils import timezone

from images.querysets import ImageQuerySet, delete_with_owner
from images.storage import ImageKitStorage
from images.ticket_models import (  # noqa: F401  (Django finds its models here)
    UploadTicket,
    WebhookMessage,
)
from mediabackend.ids import uuid7


class Visibility(models.TextChoices):
    # The default comes first, for forms that choose the first by themselves.
    UNLISTED = "unlisted"
    PUBLIC = "public"
    PRIVATE = "private"


class State(models.TextChoices):
    """What moderation has done to an image."""

    VISIBLE = "visible"
    HIDDEN = "hidden", "Hidden until reviewed"
    TAKEN_DOWN = "taken_down"


class Format(models.TextChoices):
    """The accepted formats; the values are those of the API."""

    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    WEBP = "webp", "WebP"
    GIF = "gif", "GIF"

    @property
    def extension(self) -> str:
        return "jpg" if self is Format.JPEG else self.value


QUARANTINE = "quarantine"


def image_path(image: "Image", filename: str = "") -> str:
    """Return a new remote path for the image's file.

    Nothing of what the client called the file goes into it. The last part is
    random, so a path is never used twice: CDN caches cannot serve the wrong
    picture, two uploads for one image cannot meet, and nobody can guess it.
    """
    extension = Format(image.format).extension
    name = f"{image.owner_id}/{image.pk}-{secrets.token_hex(8)}.{extension}"
    return f"{QUARANTINE}/{name}" if image.quarantined_at else name


# What follows the "#" in a stored name; see images/storage_names.py.
FILE_ID = Substr("file", StrIndex("file", models.Value("#")) + 1)


class Image(models.Model):
    """A picture and its caption; the bytes are at ImageKit.

    Rows that are deleted in any way leave a PendingDeletion behind, and count
    down their owner's `image_count`; the query set sees to it. Create and
    replace files through `images.services` only.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=delete_with_owner,
        related_name="images",
        # The index below starts with the owner.
        db_index=False,
    )
    # Without `width_field`: Django would fetch the remote file to measure it
    # whenever a name is assigned. The service fills the columns instead.
    file = models.ImageField(upload_to=image_path, max_length=255, editable=False)
    caption = models.CharField(max_length=2200, blank=True)
    alt_text = models.CharField(
        max_length=1000, blank=True, help_text="Describes the picture to the blind."
    )
    visibility = models.CharField(
        max_length=8, choices=Visibility, default=Visibility.UNLISTED
    )
    width = models.PositiveIntegerField(
        editable=False, help_text="Pixels, as displayed."
    )
    height = models.PositiveIntegerField(
        editable=False, help_text="Pixels, as displayed."
    )
    size = models.PositiveBigIntegerField(editable=False, help_text="Bytes.")
    format = models.CharField(max_length=4, choices=Format, editable=False)
    sha256 = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="Of the stored file, in hexadecimal; empty while unknown.",
    )
    placeholder = models.CharField(
        max_length=32, blank=True, editable=False, help_text="A BlurHash, or empty."
    )
    dominant_color = models.CharField(
        max_length=7, blank=True, editable=False, help_text="#rrggbb, or empty."
    )
    version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Goes up with every change."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    missing_since = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When `reconcile_files` found that the remote file is gone.",
    )

    state = models.CharField(
        max_length=10, choices=State, default=State.VISIBLE, editable=False
    )
    state_reason = models.CharField(max_length=10, blank=True, editable=False)
    state_note = models.CharField(max_length=1000, blank=True, editable=False)
    state_since = models.DateTimeField(null=True, editable=False)
    # The file is out of reach since then; see `images.moderation.quarantine`.
    quarantined_at = models.DateTimeField(null=True, editable=False)
    open_reports = models.PositiveIntegerField(default=0, editable=False)
    # A decision names the number it was made on: a stale one is refused.
    decision_count = models.PositiveIntegerField(default=0, editable=False)
    perceptual_hash = models.BigIntegerField(null=True, editable=False)
    # What `images.services` took out of the file that they stored just now.
    removed_metadata: list[str] | None = None
    # The older image of the same owner with the same bytes; known after an upload.
    duplicate_of: UUID | None = None

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        # A cascade takes its rows from here, so it must delete as `objects` does.
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["owner", "-id"], name="image_owner_newest"),
            # The moderators' queue.
            models.Index(
                fields=["-open_reports", "-id"],
                name="image_reported",
                condition=models.Q(open_reports__gt=0),
            ),
            models.Index(
                fields=["state_since"],
                name="image_taken_down",
                condition=models.Q(state="taken_down"),
            ),
            models.Index(fields=["owner", "sha256"], name="image_owner_sha256"),
            # ImageKit's webhooks say no more of a file than its id.
            models.Index(FILE_ID, name="image_file_id"),
            # Of the public lists: without the others' rows, which may be most.
            models.Index(
                fields=["-id"],
                name="image_feed",
                condition=models.Q(visibility="public"),
            ),
            models.Index(
                fields=["owner", "-id"],
                name="image_owner_public",
                condition=models.Q(visibility="public"),
            ),
        ]

    def __str__(self) -> str:
        return self.caption[:60] or f"Image {self.pk}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        # By the row as it is now: this instance may name a file of the past.
        return type(self).objects.filter(pk=self.pk).delete()

    @property
    def storage(self) -> ImageKitStorage:
        """Where the file is."""
        return storage_for(
            Visibility.PRIVATE if self.quarantined_at else self.visibility
        )

    @property
    def is_shared(self) -> bool:
        """Whether the file can be fetched by whoever has its URL."""
        return self.visibility != Visibility.PRIVATE and not self.quarantined_at

    def url(self, transformation: str = "") -> str:
        """Return the picture's delivery URL; signed when it is private."""
        return self.storage.url(self.file.name, transformation)


def storage_for(visibility: str = Visibility.PUBLIC) -> ImageKitStorage:
    """Return the storage for files of this visibility.

    Private files are marked as such at ImageKit, and have signed URLs. Deleting
    works through either.
    """
    alias = "private" if visibility == Visibility.PRIVATE else "default"
    return cast(ImageKitStorage, storages[alias])


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


class IdempotencyKey(models.Model):
    """A request that carried an `Idempotency-Key`, and its first answer."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    claimed_at = models.DateTimeField()
    # Null while the request runs.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="idempotency_key_unique"
            )
        ]

    def __str__(self) -> str:
        return self.key


# Django finds models here. Last, for they need the image.
from images.moderation.models import Decision, RemovedPicture, Report  # noqa: E402

__all__ = [
    "Decision",
    "Format",
    "IdempotencyKey",
    "Image",
    "PendingDeletion",
    "RemovedPicture",
    "Report",
    "State",
    "Visibility",
    "image_path",
    "storage_for",
]
