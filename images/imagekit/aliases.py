"""Return a configured ImageKit storage by its alias."""

from django.core.files.storage import storages

from images.imagekit.storage import ImageKitStorage

DEFAULT = "default"
PRIVATE = "private"
# The folder of kit-backend, for imported images whose files stay there.
KIT_BACKEND = "kit_backend"


def imagekit_storage(alias: str = DEFAULT) -> ImageKitStorage:
    """Return `storages[alias]`, typed as ImageKitStorage."""
    storage: ImageKitStorage = storages[alias]  # type: ignore[assignment]
    return storage
