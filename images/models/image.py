"""The model of an image, and where its file is stored."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import StrIndex, Substr
from django.utils import timezone

from images.imagekit.aliases import imagekit_storage
from images.imagekit.storage import ImageKitStorage
from images.models.choices import Format, State, Visibility
from images.models.querysets import IS_LISTED, ImageQuerySet, delete_with_owner
from mediabackend.db.ids import uuid7

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
    down their owner's `item_count`; the query set sees to it. Create and
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
    # A moderator has looked at this very file.
    reviewed = models.BooleanField(default=False, editable=False)
    open_reports = models.PositiveIntegerField(default=0, editable=False)
    # A decision names the number it was made on: a stale one is refused.
    decision_count = models.PositiveIntegerField(default=0, editable=False)
    perceptual_hash = models.BigIntegerField(null=True, editable=False)
    # Off once the sweep found the owner inactive: it keeps the indexes of the public
    # lists short, and says nothing of who may see what. See `images.listing`.
    # With a default of the database: code that does not know it yet may still run.
    listed = models.BooleanField(default=True, db_default=True, editable=False)

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
            models.Index(fields=["-id"], name="image_feed", condition=IS_LISTED),
            models.Index(
                fields=["owner", "-id"], name="image_owner_public", condition=IS_LISTED
            ),
            models.Index(
                fields=["owner"],
                name="image_unlisted",
                condition=models.Q(listed=False),
            ),
            # Filters of the admin for what is rare.
            models.Index(
                fields=["state", "-id"],
                name="image_not_visible",
                condition=~models.Q(state="visible"),
            ),
            models.Index(
                fields=["-id"],
                name="image_missing",
                condition=models.Q(missing_since__isnull=False),
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
    return imagekit_storage(
        "private" if visibility == Visibility.PRIVATE else "default"
    )
