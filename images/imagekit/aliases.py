"""Return a configured ImageKit storage by its alias."""

from django.core.files.storage import storages

from images.imagekit.storage import ImageKitStorage


def imagekit_storage(alias: str = "default") -> ImageKitStorage:
    """Return `storages[alias]`, typed as ImageKitStorage."""
    storage: ImageKitStorage = storages[alias]  # type: ignore[assignment]
    return storage
