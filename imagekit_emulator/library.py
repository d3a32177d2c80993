"""The media library: files, their versions and folders, in one index."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from imagekit_emulator.asset_rows import (
    delete_rows,
    demote,
    ensure_folder,
    find_file,
    insert_asset,
    require_file,
    require_version,
)
from imagekit_emulator.blobs import BlobStore
from imagekit_emulator.database import Database, now_ms
from imagekit_emulator.errors import ApiError
from imagekit_emulator.media_types import MediaInfo
from imagekit_emulator.names import new_id

MAX_VERSIONS = 100
NAME_TAKEN = "A file with the same name already exists at the exact location."


@dataclass
class Attributes:
    """What a request says about a file; None means "not said"."""

    tags: list[str] | None = None
    custom_metadata: dict[str, Any] | None = None
    custom_coordinates: str | None = None
    description: str | None = None
    is_private: bool = False
    is_published: bool = True


@dataclass
class NewFile:
    """A file whose bytes are stored already and that wants a place in the index."""

    folder: str
    name: str
    blob: str
    info: MediaInfo
    attributes: Attributes
    overwrite: bool = True
    keep: frozenset[str] = field(default_factory=frozenset)
    """Columns that an overwrite takes over when the request does not say them."""


class Library:
    """The index. Bytes are there before their row and go after it."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self.database = database
        self.blobs = blobs

    def store(self, new: NewFile) -> sqlite3.Row:
        """Add a file, or a version if one of that name is there."""
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
        """All versions, the current one first and then from new to old."""
        with self.database.read() as connection:
            require_file(connection, file_id)
            return connection.execute(
                "SELECT * FROM assets WHERE file_id = ?"
                " ORDER BY kind = 'file' DESC, version_number DESC",
                (file_id,),
            ).fetchall()

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
            missing = [i for i in wanted if not _exists(connection, i)]
            if missing:
                raise MissingFiles(missing)
            for file_id in wanted:
                blobs += delete_rows(connection, "file_id = ?", (file_id,))
        for blob in blobs:
            self.blobs.remove(blob)


class MissingFiles(Exception):  # noqa: N818
    """Some of the named files are not there."""

    def __init__(self, file_ids: list[str]) -> None:
        super().__init__(file_ids)
        self.file_ids = file_ids


def _exists(connection: sqlite3.Connection, file_id: str) -> bool:
    return (
        connection.execute(
            "SELECT 1 FROM assets WHERE kind = 'file' AND file_id = ?", (file_id,)
        ).fetchone()
        is not None
    )


def _row(connection: sqlite3.Connection, version_id: str) -> sqlite3.Row:
    row: sqlite3.Row = connection.execute(
        "SELECT * FROM assets WHERE version_id = ?", (version_id,)
    ).fetchone()
    return row


def _new_values(new: NewFile) -> dict[str, Any]:
    said, info, now, file_id = new.attributes, new.info, now_ms(), new_id()
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
        "tags": json.dumps(said.tags or []),
        "custom_metadata": json.dumps(said.custom_metadata or {}),
        "custom_coordinates": said.custom_coordinates,
        "description": said.description,
        "is_private": said.is_private,
        "is_published": said.is_published,
        "created_at": now,
        "updated_at": now,
    }


def _taken_over(
    connection: sqlite3.Connection, current: sqlite3.Row, new: NewFile
) -> dict[str, Any]:
    """Return what a new version has from the file that it becomes a version of."""
    count, last = connection.execute(
        "SELECT count(*), max(version_number) FROM assets WHERE file_id = ?",
        (current["file_id"],),
    ).fetchone()
    if count >= MAX_VERSIONS:
        raise ApiError(
            400,
            f"A file has at most {MAX_VERSIONS} versions.",
            "VERSION_LIMIT_EXCEEDED",
        )
    return {
        "file_id": current["file_id"],
        "version_id": new_id(),
        "version_number": last + 1,
        "created_at": current["created_at"],
    } | {column: current[column] for column in new.keep}
