"""Names of files and folders, and the changes that ImageKit makes to them."""

import re
import secrets
import string

from imagekit_emulator.errors import ApiError

MAX_NAME_LENGTH = 255
MAX_FOLDER_LEVELS = 50
MAX_PATH_LENGTH = 4096
SUFFIX_ALPHABET = string.ascii_letters + string.digits + "_-"
SUFFIX_LENGTH = 9


def clean_file_name(name: str) -> str:
    """Replace all but letters, digits, dots, underscores and hyphens by `_`."""
    if not name:
        raise ApiError(400, "Missing fileName parameter for upload.")
    if len(name) > MAX_NAME_LENGTH:
        raise ApiError(400, "The fileName parameter is too long.")
    cleaned = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    # "." and ".." have a meaning in the path of a URL.
    return "_" * len(cleaned) if not cleaned.strip(".") else cleaned


def clean_folder(folder: str) -> str:
    """Normalise a folder to `/` or `/a/b`; all but `A-Za-z0-9_-` becomes `_`."""
    if len(folder) > MAX_PATH_LENGTH:
        raise ApiError(400, "Invalid folder parameter.", "INVALID_FOLDER_PATH")
    levels = [level for level in folder.split("/") if level]
    if len(levels) > MAX_FOLDER_LEVELS or {".", ".."} & set(levels):
        raise ApiError(400, "Invalid folder parameter.", "INVALID_FOLDER_PATH")
    return "/" + "/".join(re.sub(r"[^A-Za-z0-9_-]", "_", level) for level in levels)


def find_folder(folder: str) -> str:
    """Normalise the slashes of a folder to look it up."""
    return "/" + "/".join(level for level in folder.split("/") if level)


def with_unique_suffix(name: str) -> str:
    """Put `_` and nine random characters between the stem and the extension."""
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    suffix = "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(SUFFIX_LENGTH))
    return f"{stem}_{suffix}{dot}{extension}"


def new_id() -> str:
    """Return a new id in the form of ImageKit's: 24 hexadecimal digits."""
    return secrets.token_hex(12)


def join_path(folder: str, name: str) -> str:
    return f"/{name}" if folder == "/" else f"{folder}/{name}"


def split_path(path: str) -> tuple[str, str]:
    """Split `/a/b.jpg` into `/a` and `b.jpg`."""
    folder, _, name = path.rpartition("/")
    return find_folder(folder), name
