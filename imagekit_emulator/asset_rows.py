"""Reading and writing rows of the index; the caller holds the transaction."""

import json
import sqlite3
from typing import Any

from imagekit_emulator.database import now_ms
from imagekit_emulator.errors import ApiError
from imagekit_emulator.names import join_path, new_id


def delete_rows(
    connection: sqlite3.Connection, condition: str, parameters: tuple[Any, ...]
) -> list[str]:
    """Delete the rows of a condition (SQL of ours) and name the blobs they had."""
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
    """Bring the search index of tags into line with the row."""
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
    """Create a folder and those above it, where they are not there yet."""
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
