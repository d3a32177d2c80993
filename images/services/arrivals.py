"""Check the files that clients have sent straight to ImageKit."""

import logging
from math import isqrt

from django.conf import settings
from django.db import transaction

from images.imagekit.direct_upload import RemotePicture, fetch_picture
from images.imagekit.errors import (
    StorageError,
    StorageFileNotFound,
    StorageUntransformable,
)
from images.media.previews import Preview
from images.models import Format, UploadTicket, storage_for
from images.outbox.log import log_remote
from images.outbox.models import PendingDeletion
from images.outbox.schedule import schedule_deletion
from images.screening.inspection import ACCEPTED, LONGEST_SIDE
from images.services.remote_previews import fetch_preview

logger = logging.getLogger(__name__)

# A HEIC file that was stored as HEIC would still have its metadata.
STORED_FORMATS = {f"image/{one.value}": one for one in Format if one is not Format.HEIC}


class UnknownFile(Exception):
    """There is no file with this id at the ticket's path."""


class FileRefused(Exception):
    """The file may not be uploaded, and was deleted.

    `code` is the API's error code: `invalid_image`, `too_many_pixels` or
    `file_too_large`.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class FileTooLarge(FileRefused):
    """The file has more bytes than UPLOAD_MAX_BYTES."""

    def __init__(self) -> None:
        limit = settings.UPLOAD_MAX_BYTES
        text = f"The file is larger than the limit of {limit} bytes."
        super().__init__("file_too_large", text)


def stored_as(format: Format) -> Format:
    """Return the format of the stored file; ImageKit decodes HEIC, but writes none."""
    return Format.JPEG if format is Format.HEIC else format


def fetch_arrival(ticket: UploadTicket, file_id: str) -> RemotePicture:
    """Return the file's properties; raises UnknownFile, FileRefused, StorageError."""
    storage = storage_for(ticket.visibility)
    try:
        picture = fetch_picture(storage, file_id)
    except StorageFileNotFound as error:
        raise UnknownFile from error
    if picture.path != ticket.path:
        raise UnknownFile
    _require_acceptable(picture, private=storage.private)
    return picture


def preview_arrival(ticket: UploadTicket, picture: RemotePicture) -> Preview:
    """Return the picture's preview, empty if ImageKit does not answer.

    Raises FileRefused if ImageKit cannot transform the picture: then it cannot have
    removed the metadata either.
    """
    try:
        return fetch_preview(storage_for(ticket.visibility), picture.name)[0]
    except StorageUntransformable as error:
        text = (
            "ImageKit cannot transform the file. It is damaged, or has more than "
            f"{settings.IMAGEKIT_MAX_PIXELS} pixels in all its frames: such a file can "
            "only be uploaded through this server."
        )
        raise _refused(picture, FileRefused("too_many_pixels", text)) from error
    except StorageError as error:
        logger.warning("No preview of %s: %s", picture.name, error)
        return Preview()


def _refused(picture: RemotePicture, error: FileRefused) -> FileRefused:
    """Delete the file, and return the error to raise.

    The reservation stays: perhaps the client can upload to the path again.
    """
    with transaction.atomic():
        schedule_deletion(picture.name, reason=PendingDeletion.Reason.DELETED)
    log_remote("direct upload", picture.name, "failed", error=str(error))
    return error


def _require_acceptable(picture: RemotePicture, *, private: bool) -> None:
    """Repeat the checks that ImageKit has made for the ticket; raises FileRefused.

    The size is that of the stored file, after the pre-transformation. Only ImageKit
    knows, and has checked, the size of the file that was sent.
    """
    if not (picture.mime in STORED_FORMATS and picture.width and picture.height):
        text = f"The stored file cannot be used. {ACCEPTED}"
        raise _refused(picture, FileRefused("invalid_image", text))
    if picture.private is not private:
        text = "The file does not have the ticket's visibility."
        raise _refused(picture, FileRefused("invalid_image", text))
    if picture.width * picture.height > settings.UPLOAD_MAX_PIXELS:
        text = f"The image has more than {settings.UPLOAD_MAX_PIXELS} pixels."
        raise _refused(picture, FileRefused("too_many_pixels", text))
    if picture.size > settings.UPLOAD_MAX_BYTES:
        raise _refused(picture, FileTooLarge())


def upload_checks(format: Format, size: int) -> str:
    """Return the checks that ImageKit makes before it stores the file.

    https://imagekit.io/docs/api-reference/upload-file/upload-file#upload-api-checks
    The language cannot multiply the two sides. So one side must not be longer than the
    square root of the allowed pixels; the exact limit is checked at the completion.
    """
    mime = f'"file.mime" = "image/{format.value}"'
    if format is Format.HEIC:
        mime = f'({mime} OR "file.mime" = "image/heif")'
    side = isqrt(settings.UPLOAD_MAX_PIXELS)
    width, height = '"mediaMetadata.width"', '"mediaMetadata.height"'
    return (
        f'"file.size" <= {size} AND {mime}'
        f" AND {width} <= {LONGEST_SIDE} AND {height} <= {LONGEST_SIDE}"
        f" AND ({width} <= {side} OR {height} <= {side})"
    )
