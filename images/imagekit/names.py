"""Names of files in Django and at ImageKit."""

import posixpath
import re
from typing import NamedTuple

from django.core.exceptions import SuspiciousFileOperation

# ImageKit replaces all other characters by "_". Replacing them before the upload keeps
# the name in the database and the name at ImageKit the same.
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._/-]")
_SEPARATOR = "#"
# A path that needs no cleaning; no part of it begins with a dot.
_CLEAN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class StoredName(NamedTuple):
    """A stored name, `<path>#<file id>`; the path is below the storage's location.

    With ImageKit's `fileId` in the name, calls need no look-up. A path alone works
    too. Neither a path nor an id contains a `#`.
    """

    path: str
    file_id: str | None

    @classmethod
    def parse(cls, name: str) -> "StoredName":
        """Split a stored name; raises SuspiciousFileOperation on `..`."""
        path, _, file_id = name.replace("\\", "/").partition(_SEPARATOR)
        return cls(clean_path(path), file_id or None)

    def __str__(self) -> str:
        if self.file_id is None:
            return self.path
        return f"{self.path}{_SEPARATOR}{self.file_id}"


# For "#" and an id, which has 24 hexadecimal digits, and some more.
FILE_ID_ROOM = 41


def clean_path(path: str) -> str:
    """Return the path in ImageKit's alphabet, without slashes at its ends.

    Raises SuspiciousFileOperation if a part of it is `..`.
    """
    if _CLEAN.fullmatch(path):
        return path
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise SuspiciousFileOperation("A file name must not contain '..'.")
    return _FORBIDDEN.sub("_", "/".join(parts))


def split_path(path: str) -> tuple[str, str]:
    """Return the folder, with a leading slash, and the name of the file in it."""
    folder, name = posixpath.split("/" + path.strip("/"))
    return folder, name
