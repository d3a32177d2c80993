"""The media library: files, their versions and folders, in one index."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from imagekit_emulator.asset_rows import (
    all_versions,
    delete_rows,
    demote,
    ensure_folder,
    find_file,
    find_missing,
    insert_asset,
    last_version,
    require_file,
    require_version,
)
from imagekit_emulator.blobs import BlobStore
from imagekit_emulator.database import Database, now_ms
from imagekit_emulator.errors import ApiError
from imagekit_emulator.media_types import MediaInfo
from imagekit_emulator.names import new_id

NAME_TAKEN = "A file with the same name already exists at the exact location."


@dataclass
class Attributes:
    """The properties that a request gives a file."""

    tags: list[str] = field(default_factory=list)
    custom_metadata: dict[str, Any] = field(default_factory=dict)
    custom_coordinates: str | None = None
    description: str | None = None
    is_private: bool = False
    is_published: bool = True


@dataclass
class NewFile:
    """A file to add to the index; its bytes are stored already."""

    folder: str
    name: str
    blob: str
    info: MediaInfo
    attributes: Attributes
    overwrite: bool = True
    keep: frozenset[str] = field(default_factory=frozenset)
    """Columns that an overwritten file keeps."""


class Library:
    """The index of files. Bytes are stored before their row and removed after it."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self.database = database
        self.blobs = blobs

    def store(self, new: NewFile) -> sqlite3.Row:
        """Add a file, or a version if a file of that name exists."""
        with self.database.write() as connection:
            ensure_folder(connection, new.folder)
            current = find_file(connection, new.folder, new.name)
            if current and not new.overwrite:
                raise ApiError(400, NAME_TAKEN, "FILE_ALREADY_EXISTS")
            values = _new_values(new)
            if current:
                values |= _taken_over(connection, current, new)
                demote(connection, current)
            insert_asset(connection, values)
            return _row(connection, values["version_id"])

    def file(self, file_id: str) -> sqlite3.Row:
        """Return the current version of a file; 404 when there is none."""
        with self.database.read() as connection:
            return require_file(connection, file_id)

    def at_path(self, folder: str, name: str) -> sqlite3.Row | None:
        with self.database.read() as connection:
            return find_file(connection, folder, name)

    def versions(self, file_id: str) -> list[sqlite3.Row]:
        """Return all versions, the current one first, then the newest first."""
        with self.database.read() as connection:
            require_file(connection, file_id)
            return all_versions(connection, file_id)[::-1]

    def version(self, file_id: str, version_id: str) -> sqlite3.Row:
        with self.database.read() as connection:
            return require_version(connection, file_id, version_id)

    def delete_version(self, file_id: str, version_id: str) -> None:
        with self.database.write() as connection:
            row = require_version(connection, file_id, version_id)
            if row["kind"] == "file":
                raise ApiError(400, "The current version of a file cannot be deleted.")
            connection.execute("DELETE FROM assets WHERE seq = ?", (row["seq"],))
        self.blobs.remove(row["blob"])

    def restore_version(self, file_id: str, version_id: str) -> sqlite3.Row:
        with self.database.write() as connection:
            row = require_version(connection, file_id, version_id)
            demote(connection, require_file(connection, file_id))
            connection.execute(
                "UPDATE assets SET kind = 'file', updated_at = ? WHERE seq = ?",
                (now_ms(), row["seq"]),
            )
            return _row(connection, version_id)

    def delete_files(self, file_ids: Iterable[str]) -> None:
        """Delete all files with all their versions, or none if one is unknown."""
        blobs: list[str] = []
        with self.database.write() as connection:
            wanted = list(dict.fromkeys(file_ids))
            if missing := find_missing(connection, wanted):
                raise MissingFiles(missing)
            for file_id in wanted:
                blobs += delete_rows(connection, "file_id = ?", (file_id,))
        for blob in blobs:
            self.blobs.remove(blob)


class MissingFiles(Exception):  # noqa: N818
    """Some of the files do not exist."""

    def __init__(self, file_ids: list[str]) -> None:
        super().__init__(file_ids)
        self.file_ids = file_ids


def _row(connection: sqlite3.Connection, version_id: str) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute(
        "SELECT * FROM assets WHERE version_id = ?", (version_id,)
    ).fetchone()
    return row


def _new_values(new: NewFile) -> dict[str, Any]:
    given, info, now, file_id = new.attributes, new.info, now_ms(), new_id()
    return {
        "kind": "file",
        "file_id": file_id,
        "version_id": file_id,
        "folder": new.folder,
        "name": new.name,
        "blob": new.blob,
        "size": info.size,
        "mime": info.mime,
        "format": info.format,
        "file_type": info.file_type,
        "width": info.width,
        "height": info.height,
        "has_alpha": info.has_alpha,
        "embedded_metadata": json.dumps(info.embedded_metadata),
        "tags": json.dumps(given.tags),
        "custom_metadata": json.dumps(given.custom_metadata),
        "custom_coordinates": given.custom_coordinates,
        "description": given.description,
        "is_private": given.is_private,
        "is_published": given.is_published,
        "created_at": now,
        "updated_at": now,
    }


def _taken_over(
    connection: sqlite3.Connection, current: sqlite3.Row, new: NewFile
) -> dict[str, Any]:
    """Return the values that a new version takes over from the current one."""
    return {
        "file_id": current["file_id"],
        "version_id": new_id(),
        "version_number": last_version(connection, current["file_id"], 1) + 1,
        "created_at": current["created_at"],
    } | {column: current[column] for column in new.keep}
