"""Forms and tokens for uploads by clients without keys, and the uploaded pictures."""

import json
import mimetypes
from datetime import datetime
from typing import NamedTuple

import jwt

from images.imagekit.errors import StorageUnavailable
from images.imagekit.files import ImageKitFiles
from images.imagekit.names import StoredName, split_path
from images.imagekit.storage import ImageKitStorage

PRE_TRANSFORMATION = "rt-auto,md-false,cp-true,q-95"
"""The transformation that removes a picture's metadata before ImageKit stores it.

Metadata can contain GPS positions, serial numbers, and thumbnails of cropped parts.
`rt-auto` applies the EXIF orientation, `md-false` removes EXIF, IPTC and XMP, `cp-true`
keeps the colour profile, `q-95` encodes JPEG, WebP and AVIF with little loss, and
`f-orig` keeps the format, whatever the account's default is.
https://imagekit.io/docs/transformations#metadata---md and, for `pre`,
https://imagekit.io/docs/dam/pre-and-post-transformation-on-upload

These pages describe the effect on delivery only. They do not promise that a
pre-transformation removes metadata, applies the orientation and keeps animations: test
it with the account."""


def upload_form(
    storage: ImageKitStorage,
    path: str,
    *,
    checks: str,
    output: str = "orig",
    issued_at: datetime,
    expires_at: datetime,
) -> dict[str, str]:
    """Return the form fields to post together with the file, and a token over them.

    ImageKit accepts the token once, and only with these fields and values. `output` is
    the format of the stored file, as a value of `f-`: HEIC has to become another one.
    `expires_at` is at most an hour after `issued_at`; fractions of a second are cut.
    https://imagekit.io/docs/api-reference/upload-file/upload-file-v2
    """
    folder, file_name = split_path(storage.remote_path(path))
    form = {
        "fileName": file_name,
        "folder": folder,
        "useUniqueFileName": "false",
        # An existing file cannot be replaced.
        "overwriteFile": "false",
        "isPrivateFile": "true" if storage.private else "false",
        "checks": checks,
        # Compact, as JavaScript writes it: a client may parse it and write it again.
        "transformation": json.dumps(
            {"pre": f"{PRE_TRANSFORMATION},f-{output}"}, separators=(",", ":")
        ),
    }
    claims = {
        **form,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
    }
    key = storage.client_options.private_key
    token = jwt.encode(claims, key, "HS256", headers={"kid": storage.public_key})
    return {**form, "token": token}


class RemotePicture(NamedTuple):
    """The properties of a stored file.

    `path` is relative to the storage's location, or begins with a slash if the file is
    outside it. `width` and `height` are in pixels, and 0 if the file is no picture.
    `mime` is "" if the type is unknown.
    """

    path: str
    file_id: str
    size: int
    mime: str
    width: int
    height: int
    private: bool

    @property
    def name(self) -> str:
        """The stored name."""
        return str(StoredName(self.path, self.file_id))


def fetch_picture(storage: ImageKitStorage, file_id: str) -> RemotePicture:
    """Return the properties of the file with this id; raises StorageError.

    https://imagekit.io/docs/api-reference/digital-asset-management-dam/get-file-details
    """
    item = ImageKitFiles(storage.client_options).details(file_id)
    path, size = getattr(item, "file_path", None), getattr(item, "size", None)
    # A garbled answer must not look like a file outside the location.
    if not path or size is None or getattr(item, "file_id", None) != file_id:
        raise StorageUnavailable("details: the answer lacks path, size or id.")
    remote = str(path).strip("/")
    return RemotePicture(
        path=storage.local_path(remote) if storage.is_inside(remote) else f"/{remote}",
        file_id=file_id,
        size=int(size),
        # ImageKit does not give a type for every file.
        mime=getattr(item, "mime", None) or mimetypes.guess_type(remote)[0] or "",
        width=int(getattr(item, "width", None) or 0),
        height=int(getattr(item, "height", None) or 0),
        private=bool(getattr(item, "is_private_file", False)),
    )
