"""Names of files in Django and at ImageKit."""

import os
import posixpath
import re
from typing import NamedTuple

from django.core.exceptions import SuspiciousFileOperation
from django.db.models import CharField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Replace, StrIndex, Substr

# ImageKit replaces all other characters by "_", and dots in folders too. Replacing them
# before the upload keeps the name in the database and the name at ImageKit the same.
_FORBIDDEN = re.compile(r"[^A-Za-z0-9._-]")
_FORBIDDEN_IN_FOLDERS = re.compile(r"[^A-Za-z0-9_-]")
_SEPARATOR = "~"
# A path that needs no cleaning; no part of it begins with a dot.
_CLEAN = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-][A-Za-z0-9._-]*")


class StoredName(NamedTuple):
    """A stored name, `folder/name~<file id>.jpg`; the path is below the location.

    The id is before the last extension, so code that looks at the extension finds it.
    With ImageKit's `fileId` in the name, calls need no look-up. A path alone works
    too. Neither a path nor an id contains a `~`, and an id contains no dot.
    """

    path: str
    file_id: str | None

    @classmethod
    def parse(cls, name: str | os.PathLike[str]) -> "StoredName":
        """Split a stored name; raises SuspiciousFileOperation on `..`."""
        stem, separator, rest = str(name).rpartition(_SEPARATOR)
        if not separator:
            return cls(clean_path(rest), None)
        file_id, dot, extension = rest.partition(".")
        return cls(clean_path(f"{stem}{dot}{extension}"), file_id or None)

    def __str__(self) -> str:
        if self.file_id is None:
            return self.path
        stem, extension = posixpath.splitext(self.path)
        return f"{stem}{_SEPARATOR}{self.file_id}{extension}"


# For "~" and an id, which has 24 hexadecimal digits, and some more.
FILE_ID_ROOM = 41


def file_id_of(column: str | Combinable) -> Combinable:
    """Return the SQL of the file id in a column of stored names.

    For a path alone, it is a text that is no id.
    """
    rest = Substr(column, StrIndex(column, Value(_SEPARATOR)) + 1)
    # With a dot appended, the id ends at a dot in any case.
    return Substr(rest, 1, StrIndex(Concat(rest, Value(".")), Value(".")) - 1)


def path_of(column: str | Combinable) -> Combinable:
    """Return the SQL of the path in a column of stored names."""
    marked_id = Concat(Value(_SEPARATOR), file_id_of(column))
    nothing = Value("")
    # django-stubs knows values only.
    return Replace(column, marked_id, nothing, output_field=CharField())  # type: ignore[arg-type]


def clean_path(path: str | os.PathLike[str]) -> str:
    """Return the path of a file in ImageKit's alphabet, without slashes at its ends.

    Raises SuspiciousFileOperation if a part of it is `..`.
    """
    path = str(path)
    if _CLEAN.fullmatch(path):
        return path
    folder, name = posixpath.split("/".join(_parts(path)))
    return posixpath.join(clean_folder(folder), _FORBIDDEN.sub("_", name))


def clean_folder(folder: str | os.PathLike[str]) -> str:
    """Return the path of a folder; see `clean_path`."""
    return "/".join(
        _FORBIDDEN_IN_FOLDERS.sub("_", part) for part in _parts(str(folder))
    )


def split_path(path: str) -> tuple[str, str]:
    """Return the folder, with a leading slash, and the name of the file in it."""
    folder, name = posixpath.split("/" + path.strip("/"))
    return folder, name


def _parts(path: str) -> list[str]:
    steps = path.replace("\\", "/").split("/")
    parts = [step for step in steps if step not in ("", ".")]
    if ".." in parts:
        raise SuspiciousFileOperation("A file name must not contain '..'.")
    return parts
