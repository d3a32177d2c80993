"""System checks of the settings for images."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured, SuspiciousFileOperation
from django.core.files.storage import InvalidStorageError, storages

from images.imagekit.aliases import DEFAULT, KIT_BACKEND, PRIVATE
from images.imagekit.names import clean_folder
from images.imagekit.storage import ImageKitStorage
from images.services.renditions import MAX_WIDTH, NAMES, SRCSET


@register(Tags.files)
def check_storages(**kwargs: Any) -> Iterator[CheckMessage]:
    """E001: a storage cannot be created. E002: its URL endpoint is not a URL."""
    for alias in (DEFAULT, PRIVATE, KIT_BACKEND):
        try:
            storage = storages[alias]
        except (ImproperlyConfigured, InvalidStorageError) as error:
            yield Error(
                f'The storage "{alias}" cannot be created: {error}',
                hint="Set IMAGEKIT_PRIVATE_KEY, IMAGEKIT_PUBLIC_KEY and "
                "IMAGEKIT_URL_ENDPOINT; see docs/configuration.md.",
                id="images.E001",
            )
            continue
        if not isinstance(storage, ImageKitStorage) or settings.IMAGEKIT_EMULATOR:
            continue
        if not storage.url_endpoint.startswith(("https://", "http://")):
            yield Error(
                f'The URL endpoint of the storage "{alias}" is not an absolute URL.',
                hint="Copy IMAGEKIT_URL_ENDPOINT from ImageKit's dashboard, for "
                "example https://ik.imagekit.io/your_id.",
                id="images.E002",
            )


@register(Tags.files)
def check_folder(**kwargs: Any) -> Iterator[CheckMessage]:
    """E005: ImageKit would give the folder another name."""
    for setting in ("IMAGEKIT_FOLDER", "KIT_BACKEND_FOLDER"):
        value = getattr(settings, setting)
        folder = value.strip("/")
        try:
            used = clean_folder(folder)
        except SuspiciousFileOperation:
            used = ""
        if used != folder:
            yield Error(
                f"ImageKit cannot have a folder with the name {value}.",
                hint=f"Set {setting} to letters, digits, '-', '_' and '/' only"
                + (f", for example /{used}." if used else "."),
                id="images.E005",
            )


@register(Tags.files)
def check_limits(**kwargs: Any) -> Iterator[CheckMessage]:
    """E003: a limit that allows no upload at all."""
    for name in (
        "UPLOAD_MAX_BYTES",
        "UPLOAD_MAX_PIXELS",
        "UPLOAD_MAX_FRAMES",
        "IMAGEKIT_MAX_PIXELS",
    ):
        if getattr(settings, name) < 1:
            yield Error(
                f"{name} must be at least 1.",
                hint=f"Set {name} in the environment, or leave it out for the default.",
                id="images.E003",
            )
    if settings.USER_QUOTA_BYTES < 0:
        yield Error(
            "USER_QUOTA_BYTES must not be negative.",
            hint="Set it to 0 for no limit.",
            id="images.E003",
        )


@register(Tags.files)
def check_renditions(**kwargs: Any) -> Iterator[CheckMessage]:
    """E004: IMAGE_RENDITIONS cannot be used to build URLs."""
    table: dict[str, dict[str, Any]] = settings.IMAGE_RENDITIONS
    problems: list[str] = []
    if set(table) != set(NAMES):
        problems.append(f"its names must be {', '.join(NAMES)}")
    for name, preset in table.items():
        known = {"widths"} if name == SRCSET else {"width", "square", "smart_crop"}
        if not set(preset) <= known:
            problems.append(f"{name} takes only {', '.join(sorted(known))}")
        widths = list(preset.get("widths", [preset.get("width")]))
        if not widths or not all(_is_width(width) for width in widths):
            problems.append(f"{name} needs widths from 1 to {MAX_WIDTH} pixels")
        elif widths != sorted(set(widths)):
            problems.append(f"the widths of {name} must be in ascending order")
    for problem in problems:
        yield Error(
            f"IMAGE_RENDITIONS cannot be used: {problem}.",
            hint="See mediabackend/settings/imagekit.py for an example.",
            id="images.E004",
        )


def _is_width(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_WIDTH


@register(Tags.files, deploy=True)
def check_statements(**kwargs: Any) -> Iterator[CheckMessage]:
    """W003: mails about decisions lack a part."""
    names = ("MODERATION_CONTACT", "MODERATION_REDRESS", "MODERATION_TERMS")
    if unset := [name for name in names if not getattr(settings, name)]:
        yield Warning(
            "Mails to owners about decisions do not say whom to ask, what means of "
            "redress there are, or which rules apply.",
            hint=f"Set {', '.join(unset)}; see docs/moderation.md.",
            id="images.W003",
        )


@register(Tags.files, deploy=True)
def check_deployment(**kwargs: Any) -> Iterator[CheckMessage]:
    """W001: the emulator in production. W002: images on plain HTTP."""
    if settings.IMAGEKIT_EMULATOR:
        yield Warning(
            "Images are stored in the emulator, on this machine's disk.",
            hint="Set IMAGEKIT_PRIVATE_KEY, IMAGEKIT_PUBLIC_KEY and "
            "IMAGEKIT_URL_ENDPOINT, and DEBUG=false.",
            id="images.W001",
        )
    elif settings.IMAGEKIT_URL_ENDPOINT.startswith("http://"):
        yield Warning(
            "IMAGEKIT_URL_ENDPOINT does not begin with https://.",
            hint="Use https://: browsers block http images on https pages.",
            id="images.W002",
        )
