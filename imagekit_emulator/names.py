"""Which names and folders the service accepts, and what it makes of others."""

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
    """Replace what is not a letter, digit, dot, underscore or hyphen by `_`."""
    if not name:
        raise ApiError(400, "Missing fileName parameter for upload.")
    if len(name) > MAX_NAME_LENGTH:
        raise ApiError(400, "The fileName parameter is too long.")
    cleaned = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    # "." and ".." would be steps of a path in a URL, so the dots go as well.
    return "_" * len(cleaned) if not cleaned.strip(".") else cleaned


def clean_folder(folder: str) -> str:
    """Normalise a folder to `/` or `/a/b`; other characters than `A-Za-z0-9_-` go."""
    if len(folder) > MAX_PATH_LENGTH:
        raise ApiError(400, "Invalid folder parameter.", "INVALID_FOLDER_PATH")
    levels = [level for level in folder.split("/") if level]
    if len(levels) > MAX_FOLDER_LEVELS or {".", ".."} & set(levels):
        raise ApiError(400, "Invalid folder parameter.", "INVALID_FOLDER_PATH")
    return "/" + "/".join(re.sub(r"[^A-Za-z0-9_-]", "_", level) for level in levels)


def find_folder(folder: str) -> str:
    """Normalise the slashes of a folder that is only looked up."""
    return "/" + "/".join(level for level in folder.split("/") if level)


def with_unique_suffix(name: str) -> str:
    """Put `_` and nine random characters between the stem and the extension."""
    stem, dot, extension = name.rpartition(".")
    if not stem:
        stem, dot, extension = name, "", ""
    suffix = "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(SUFFIX_LENGTH))
    return f"{stem}_{suffix}{dot}{extension}"


def new_id() -> str:
    """Return a fresh id as the service forms them: 24 hexadecimal digits."""
    return secrets.token_hex(12)


def join_path(folder: str, name: str) -> str:
    return f"/{name}" if folder == "/" else f"{folder}/{name}"


def split_path(path: str) -> tuple[str, str]:
    """Split `/a/b.jpg` into `/a` and `b.jpg`."""
    folder, _, name = path.rpartition("/")
    return find_folder(folder), name
