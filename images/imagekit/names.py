"""Names of files: what Django stores, and what ImageKit calls them."""

import posixpath
import re
from typing import NamedTuple

from django.core.exceptions import SuspiciousFileOperation

# ImageKit replaces whatever else by "_"; doing so first keeps the name that we
# stored and the name that it stored the same.
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._/-]")
_SEPARATOR = "#"
# As names are that we made: parts that do not begin with a dot.
_CLEAN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class StoredName(NamedTuple):
    """A stored name: a path below the storage's location, and perhaps an id.

    The id is ImageKit's `fileId`. With it a file is addressed without a
    look-up; a bare path, as other code may have stored, works too. Neither a
    path nor an id ever holds a `#`.
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


# "#" and the 24 hexadecimal digits of an id, with room to spare.
FILE_ID_ROOM = 41


def clean_path(path: str) -> str:
    """Return the path in ImageKit's alphabet, without slashes at its ends.

    Raises SuspiciousFileOperation where a part of it would leave the folder.
    """
    if _CLEAN.fullmatch(path):
        return path
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise SuspiciousFileOperation("A file name must not hold '..'.")
    return _FORBIDDEN.sub("_", "/".join(parts))


def split_path(path: str) -> tuple[str, str]:
    """Return the folder, with a leading slash, and the file's own name."""
    folder, name = posixpath.split("/" + path.strip("/"))
    return folder, name
