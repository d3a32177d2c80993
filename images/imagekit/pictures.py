"""Fetch the properties of a picture that a client has uploaded directly."""

import mimetypes
from typing import NamedTuple

from images.imagekit.errors import StorageUnavailable
from images.imagekit.files import ImageKitFiles
from images.imagekit.names import StoredName
from images.imagekit.storage import ImageKitStorage


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
