"""Files at ImageKit, through its SDK."""

from typing import Any
from uuid import uuid4

from fastapi import HTTPException, UploadFile, status
from imagekitio import APIError, ImageKit, NotFoundError

from benchmarks.reference.config import settings

CONTENT_TYPES = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
}

client = ImageKit(
    private_key=settings.imagekit_private_key,
    password="",
    base_url=settings.imagekit_api_url,
)


def upload(file: UploadFile, owner_id: int) -> dict[str, Any]:
    """Send a file to ImageKit; return the columns of an image."""
    extension = CONTENT_TYPES.get(file.content_type or "")
    if extension is None:
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE, "Not an image")
    if (file.size or 0) > settings.upload_max_bytes:
        raise HTTPException(413, "File too large")
    name = f"{uuid4().hex}.{extension}"
    try:
        stored = client.files.upload(
            file=(name, file.file, file.content_type),
            file_name=name,
            folder=f"{settings.imagekit_folder}/{owner_id}",
            use_unique_file_name=False,
        )
    except APIError as error:
        raise HTTPException(502, "Image storage failed") from error
    return {
        "file_id": stored.file_id,
        "url": stored.url,
        "thumbnail_url": stored.thumbnail_url,
        "width": stored.width and int(stored.width),
        "height": stored.height and int(stored.height),
        "size": file.size or 0,
    }


def delete(file_id: str) -> None:
    try:
        client.files.delete(file_id)
    except NotFoundError:
        pass
    except APIError as error:
        raise HTTPException(502, "Image storage failed") from error
