"""The model of an image, and the path and storage of its file."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from images.imagekit.aliases import DEFAULT, KIT_BACKEND, PRIVATE, imagekit_storage
from images.imagekit.names import file_id_of
from images.imagekit.storage import ImageKitStorage
from images.models.choices import Format, State, Visibility
from images.models.querysets import (
    IS_LISTED,
    NEEDS_PREVIEW,
    ImageQuerySet,
    delete_with_owner,
)
from mediabackend.db.ids import uuid7

QUARANTINE = "quarantine"


def image_path(image: "Image", filename: str = "") -> str:
    """Return a new remote path for the image's file.

    It does not contain the client's file name. Its last part is random, so a path is
    never used twice: CDN caches cannot serve the wrong picture, two uploads for one
    image cannot collide, and nobody can guess the path.
    """
    extension = Format(image.format).extension
    name = f"{image.owner_id}/{image.pk}-{secrets.token_hex(8)}.{extension}"
    return f"{QUARANTINE}/{name}" if image.quarantined_at else name


FILE_ID = file_id_of("file")


class Image(models.Model):
    """A picture and its caption; the file is at ImageKit.

    Each deletion adds a PendingDeletion and reduces the owner's totals: the query set
    does both. Create images and replace files through `images.services` only.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=delete_with_owner,
        related_name="images",
        # An index below begins with the owner.
        db_index=False,
    )
    # Without `width_field`: Django would fetch the remote file to measure it whenever a
    # name is assigned. The services set width and height instead.
    file = models.ImageField(upload_to=image_path, max_length=255, editable=False)
    caption = models.CharField(max_length=2200, blank=True)
    alt_text = models.CharField(
        max_length=1000,
        blank=True,
        help_text="A description for people who cannot see the picture.",
    )
    visibility = models.CharField(
        max_length=8, choices=Visibility, default=Visibility.UNLISTED
    )
    width = models.PositiveIntegerField(
        editable=False, help_text="In pixels, as displayed."
    )
    height = models.PositiveIntegerField(
        editable=False, help_text="In pixels, as displayed."
    )
    size = models.PositiveBigIntegerField(editable=False, help_text="In bytes.")
    format = models.CharField(max_length=4, choices=Format, editable=False)
    delivered_as_is = models.BooleanField(
        default=False,
        editable=False,
        help_text="ImageKit cannot transform the file: every URL is the original's.",
    )
    sha256 = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of the stored file, in hexadecimal; empty if unknown.",
    )
    placeholder = models.CharField(
        max_length=32, blank=True, editable=False, help_text="A BlurHash, or empty."
    )
    dominant_color = models.CharField(
        max_length=7, blank=True, editable=False, help_text="#rrggbb, or empty."
    )
    version = models.PositiveIntegerField(
        default=1, editable=False, help_text="Increases with each change."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    missing_since = models.DateTimeField(
        null=True,
        editable=False,
        help_text="When `reconcile_files` found that the remote file is missing.",
    )

    state = models.CharField(
        max_length=10, choices=State, default=State.VISIBLE, editable=False
    )
    state_reason = models.CharField(max_length=10, blank=True, editable=False)
    state_note = models.CharField(max_length=1000, blank=True, editable=False)
    state_since = models.DateTimeField(null=True, editable=False)
    # Set while the file is in quarantine; see `images.moderation.quarantine`.
    quarantined_at = models.DateTimeField(null=True, editable=False)
    # Whether a moderator has reviewed this file.
    reviewed = models.BooleanField(default=False, editable=False)
    open_reports = models.PositiveIntegerField(default=0, editable=False)
    # A moderator's decision names the count that they saw: an outdated one is refused.
    decision_count = models.PositiveIntegerField(default=0, editable=False)
    perceptual_hash = models.BigIntegerField(null=True, editable=False)
    # False after the sweep has found the owner inactive. It keeps the indexes of the
    # public lists short, and has no effect on permissions; see
    # `images.services.relisting`. The database has the default too, for processes that
    # still run older code.
    listed = models.BooleanField(default=True, db_default=True, editable=False)
    left_in_place = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="The file is still in the folder of kit-backend, with its metadata.",
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        # A cascade uses this manager, so it must delete rows as `objects` does.
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["owner", "-id"], name="image_owner_newest"),
            # For the moderators' queue.
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
            # ImageKit's webhooks name a file by its id only.
            models.Index(FILE_ID, name="image_file_id"),
            # For the public lists; most rows may be of other images.
            models.Index(fields=["-id"], name="image_feed", condition=IS_LISTED),
            models.Index(
                fields=["owner", "-id"], name="image_owner_public", condition=IS_LISTED
            ),
            models.Index(
                fields=["owner"],
                name="image_unlisted",
                condition=models.Q(listed=False),
            ),
            models.Index(
                fields=["id"], name="image_without_preview", condition=NEEDS_PREVIEW
            ),
            # For filters of the admin that match few rows.
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
            models.Index(
                fields=["-id"],
                name="image_left_in_place",
                condition=models.Q(left_in_place=True),
            ),
        ]

    def __str__(self) -> str:
        return self.caption[:60] or f"Image {self.pk}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        # Through the query set, as this instance may name an old file.
        return type(self).objects.filter(pk=self.pk).delete()

    @property
    def storage(self) -> ImageKitStorage:
        """The storage of the image's file."""
        return storage_for(
            self.visibility,
            quarantined=bool(self.quarantined_at),
            left_in_place=self.left_in_place,
        )

    @property
    def is_shared(self) -> bool:
        """Whether anybody who knows its URL can fetch the file."""
        return self.visibility != Visibility.PRIVATE and not self.quarantined_at

    @property
    def is_confidential(self) -> bool:
        """Whether only the owner may look at the picture, as for IS_CONFIDENTIAL."""
        return (
            self.visibility == Visibility.PRIVATE
            and self.state == State.VISIBLE
            and not self.open_reports
        )

    def url(self, transformation: str = "") -> str:
        """Return the picture's delivery URL, signed if the file is private."""
        return self.storage.url(self.file.name, transformation)


def storage_for(
    visibility: str, *, quarantined: bool = False, left_in_place: bool = False
) -> ImageKitStorage:
    """Return the storage for files of this visibility; in quarantine all are private.

    Files that are left in place are public: one that becomes private is moved.

    Use `Image.storage` for the file of an image, and `imagekit_storage()` for calls
    that work for all files, such as deletions.
    """
    if quarantined or visibility == Visibility.PRIVATE:
        return imagekit_storage(PRIVATE)
    return imagekit_storage(KIT_BACKEND if left_in_place else DEFAULT)
