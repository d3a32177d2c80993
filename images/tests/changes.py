"""Change images by the services, as a view does it without a request."""

from collections.abc import Collection
from typing import Any

from accounts.models import User
from images.models import Image
from images.screening.inspection import inspect_file
from images.services.update import changing_visibility, moves_file, updating_image
from images.services.upload import creating_image, replacing_file
from images.services.values import Edits


def create_image(*, owner: User, file: Any, **edits: Any) -> Image:
    inspected = inspect_file(file.file)
    with creating_image(owner=owner, file=inspected, edits=Edits(**edits)) as saved:
        return saved.image


def replace_file(*, image: Image, file: Any, **edits: Any) -> Image:
    inspected = inspect_file(file.file)
    with replacing_file(image=image, file=inspected, edits=Edits(**edits)) as saved:
        return saved.image


def update_image(
    *, image: Image, if_versions: Collection[int] | None = None, **edits: Any
) -> Image:
    values = Edits(**edits)
    change = changing_visibility if moves_file(image, values) else updating_image
    with change(image=image, edits=values, if_versions=if_versions) as saved:
        return saved.image
