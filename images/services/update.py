from collections.abc import Collection
from typing import Any

from django.db import transaction

from images.models import Image, storage_for
from images.services.exchange import ImageChanged, _refuse_taken_down, image_move
from images.services.locking import locked_image, write_image


def image_update(
    *, image: Image, if_versions: Collection[int] | None = None, **fields: Any
) -> Image:
    """Change caption, alt text or visibility; raises as `image_replace`."""
    visibility = fields.get("visibility", image.visibility)
    _refuse_taken_down(image, fields)
    if storage_for(visibility) is not image.storage:
        return image_move(image, if_versions=if_versions, **fields)
    with transaction.atomic():
        current = locked_image(image, if_versions)
        _refuse_taken_down(current, fields)
        if "visibility" in fields and current.visibility != image.visibility:
            # Another request may have moved the file between the storages.
            raise ImageChanged
        write_image(current, fields)
    current.owner = image.owner
    return current
