"""What happens in the database when an Image row goes, whichever way it goes."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.signals import post_delete
from django.dispatch import receiver

from accounts.models import User
from images.deletion import delete_due_files
from images.models import Image, PendingDeletion


@receiver(post_delete, sender=Image)
def schedule_file_deletion(instance: Image, using: str, **kwargs: Any) -> None:
    """Note the file for deletion and count down, in the row's transaction."""
    PendingDeletion.objects.using(using).create(
        name=str(instance.file.name), reason=PendingDeletion.Reason.DELETED
    )
    User.objects.using(using).filter(pk=instance.owner_id).update(
        image_count=F("image_count") - 1
    )
    transaction.on_commit(delete_due_files, using=using, robust=True)
