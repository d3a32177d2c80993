"""Reading and writing of rows of the index, in a transaction of the caller."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from imagekit_emulator.database import now_ms
from imagekit_emulator.errors import ApiError
from imagekit_emulator.names import join_path, new_id

MAX_VERSIONS = 100


def delete_rows(
    connection: sqlite3.Connection, condition: str, parameters: tuple[Any, ...]
) -> list[str]:
    """Delete the rows that meet a condition in SQL; returns their blobs."""
    rows = connection.execute(
        f"DELETE FROM assets WHERE {condition} RETURNING blob",  # noqa: S608
        parameters,
    ).fetchall()
    return [row["blob"] for row in rows if row["blob"]]


def find_file(
    connection: sqlite3.Connection, folder: str, name: str
) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM assets WHERE kind = 'file' AND folder = ? AND name = ?",
        (folder, name),
    ).fetchone()
    return row


def require_file(connection: sqlite3.Connection, file_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM assets WHERE kind = 'file' AND file_id = ?", (file_id,)
    ).fetchone()
    if row is None:
        raise ApiError(404, "The requested file does not exist.")
    return row


def require_version(
    connection: sqlite3.Connection, file_id: str, version_id: str
) -> sqlite3.Row:
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM assets WHERE file_id = ? AND version_id = ?"
        " AND kind <> 'folder'",
        (file_id, version_id),
    ).fetchone()
    if row is None:
        raise ApiError(404, "The requested file version does not exist.")
    return row


def find_missing(connection: sqlite3.Connection, file_ids: Iterable[str]) -> list[str]:
    """Return those of the ids that no file has."""
    query = "SELECT 1 FROM assets WHERE kind = 'file' AND file_id = ?"
    return [
        file_id
        for file_id in file_ids
        if not connection.execute(query, (file_id,)).fetchone()
    ]


def all_versions(connection: sqlite3.Connection, file_id: str) -> list[sqlite3.Row]:
    """Return all versions of a file, oldest first and the current one last."""
    return connection.execute(
        "SELECT * FROM assets WHERE file_id = ? ORDER BY kind = 'file', version_number",
        (file_id,),
    ).fetchall()


def last_version(connection: sqlite3.Connection, file_id: str, added: int) -> int:
    """Return the highest version number; 400 unless there is room for `added` more."""
    count, last = connection.execute(
        "SELECT count(*), max(version_number) FROM assets WHERE file_id = ?",
        (file_id,),
    ).fetchone()
    if count + added > MAX_VERSIONS:
        raise ApiError(
            400,
            f"A file has at most {MAX_VERSIONS} versions.",
            "VERSION_LIMIT_EXCEEDED",
        )
    return int(last)


def insert_asset(connection: sqlite3.Connection, values: dict[str, Any]) -> None:
    """Insert a row; the keys of `values` are column names."""
    columns = ", ".join(values)
    marks = ", ".join("?" * len(values))
    connection.execute(
        f"INSERT INTO assets ({columns}) VALUES ({marks})",  # noqa: S608
        tuple(values.values()),
    )
    write_tags(connection, values["version_id"], json.loads(values.get("tags", "[]")))


def write_tags(
    connection: sqlite3.Connection, version_id: str, tags: list[str]
) -> None:
    """Make these the tags by which searches find the version."""
    connection.execute("DELETE FROM asset_tags WHERE version_id = ?", (version_id,))
    connection.executemany(
        "INSERT OR IGNORE INTO asset_tags VALUES (?, ?)",
        [(version_id, tag) for tag in tags],
    )


def demote(connection: sqlite3.Connection, current: sqlite3.Row) -> None:
    connection.execute(
        "UPDATE assets SET kind = 'file-version' WHERE seq = ?", (current["seq"],)
    )


def ensure_folder(connection: sqlite3.Connection, folder: str) -> None:
    """Create a folder and those above it, unless they exist."""
    parent = "/"
    for level in folder.strip("/").split("/"):
        if not level:
            return
        folder_id = new_id()
        now = now_ms()
        connection.execute(
            "INSERT INTO assets (kind, file_id, version_id, folder, name, created_at,"
            " updated_at) VALUES ('folder', ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (folder_id, folder_id, parent, level, now, now),
        )
        parent = join_path(parent, level)
