"""Images, and the remote files that have to go."""

import secrets
from typing import Any, Self, cast

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.utils import timezone

from images.storage import ImageKitStorage
from mediabackend.ids import uuid7


class Visibility(models.TextChoices):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


class Format(models.TextChoices):
    """The accepted formats; the values are those of the API."""

    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    WEBP = "webp", "WebP"
    GIF = "gif", "GIF"

    @property
    def extension(self) -> str:
        return "jpg" if self is Format.JPEG else self.value


class ImageQuerySet(models.QuerySet["Image"]):
    def owned_by(self, user: Any) -> Self:
        """Select what `user` may change: their own."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(owner=user)

    def visible_to(self, user: Any) -> Self:
        """Select what `user` may look at, knowing the id."""
        shared = models.Q(visibility__in=[Visibility.PUBLIC, Visibility.UNLISTED])
        if not user.is_authenticated:
            return self.filter(shared)
        return self.filter(shared | models.Q(owner=user))


def image_path(image: "Image", filename: str = "") -> str:
    """Return a new remote path for the image's file.

    Nothing of what the client called the file goes into it. The last part is
    random, so a path is never used twice: CDN caches cannot serve the wrong
    picture, two uploads for one image cannot meet, and nobody can guess it.
    """
    extension = Format(image.format).extension
    return f"{image.owner_id}/{image.pk}-{secrets.token_hex(8)}.{extension}"


class Image(models.Model):
    """A picture and its caption; the bytes are at ImageKit.

    Rows that are deleted in any way (this model's signals see to it) leave a
    PendingDeletion behind, and count down their owner's `image_count`. Create
    and replace files through `images.services` only.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
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
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["owner", "-id"], name="image_owner_newest")]

    def __str__(self) -> str:
        return f"{self.id}"

    @property
    def storage(self) -> ImageKitStorage:
        """Where the file is."""
        return storage_for(self.visibility)

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
    ImageKit has confirmed that it is gone.
    """

    class Reason(models.TextChoices):
        RESERVATION = "reservation"
        REPLACED = "replaced"
        DELETED = "deleted"

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255, help_text="As the storage knows it.")
    reason = models.CharField(max_length=11, choices=Reason)
    due_at = models.DateTimeField(default=timezone.now, db_index=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["due_at"]

    def __str__(self) -> str:
        return self.name
