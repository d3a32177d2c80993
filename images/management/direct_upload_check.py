"""Check direct uploads by sending a photo to ImageKit with a ticket."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import urljoin

from django.conf import settings
from django.utils import timezone
from PIL import Image as Picture

from images.imagekit.client import remote_call
from images.imagekit.errors import StorageError, StorageRejected
from images.imagekit.pictures import RemotePicture, fetch_picture
from images.imagekit.storage import ImageKitStorage
from images.imagekit.upload_tokens import upload_form
from mediabackend.db.ids import uuid7

_CAMERA = "mediabackend test camera"
_MAKE, _ORIENTATION, _TURN_RIGHT = 0x010F, 0x0112, 6


def check_direct_upload(storage: ImageKitStorage) -> str:
    """Upload a photo with a ticket, and delete it again; returns a text to print.

    Raises StorageError if ImageKit does not accept it, keeps its metadata, or does not
    apply its orientation.
    """
    path = f"check/{uuid7()}.jpg"
    try:
        picture = _send(storage, path)
        with storage.open(picture.name) as file:
            stored = file.read()
    finally:
        storage.delete(path)
    if _CAMERA.encode() in stored:
        raise StorageError("The pre-transformation does not remove the metadata.")
    if (picture.width, picture.height) != (8, 16):
        raise StorageError("The pre-transformation does not apply the orientation.")
    return f"{picture.size} bytes, upright and without metadata"


def _send(storage: ImageKitStorage, path: str) -> RemotePicture:
    now = timezone.now()
    form = upload_form(
        storage,
        path,
        checks='"file.size" <= 10000 AND "file.mime" = "image/jpeg"',
        issued_at=now,
        expires_at=now + timedelta(minutes=5),
    )
    options = storage.client_options
    # The emulator's URL is a path on the server of the API.
    url = urljoin(options.api_url or "", settings.IMAGEKIT_UPLOAD_URL)
    with remote_call(options, "direct upload") as clients:
        answer = clients.http.post(url, data=form, files={"file": ("a.jpg", _photo())})
    if answer.status_code != 200:
        raise StorageRejected(f"direct upload: {answer.status_code} {answer.text:.200}")
    return fetch_picture(storage, str(answer.json().get("fileId")))


def _photo() -> bytes:
    """Return a photo that is rotated by its EXIF data, which also names a camera."""
    exif = Picture.Exif()
    exif[_MAKE], exif[_ORIENTATION] = _CAMERA, _TURN_RIGHT
    out = BytesIO()
    Picture.new("RGB", (16, 8), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()
