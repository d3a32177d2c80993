"""The API to move, copy and rename single files."""

import sqlite3
from typing import Any

from werkzeug.wrappers import Request, Response

from imagekit_emulator.asset_rows import (
    all_versions,
    demote,
    ensure_folder,
    find_file,
    insert_asset,
    last_version,
)
from imagekit_emulator.database import now_ms
from imagekit_emulator.errors import ApiError
from imagekit_emulator.json_api import answer, flag_of, no_content, read_object, text_of
from imagekit_emulator.names import (
    clean_file_name,
    clean_folder,
    join_path,
    new_id,
    split_path,
)
from imagekit_emulator.services import Services


def copy_file(services: Services, request: Request) -> Response:
    body = read_object(request)
    source_path, target = _ends(body)
    with_versions = flag_of(body, "includeFileVersions")
    with services.database.write() as connection:
        source = _source(connection, source_path, target)
        rows = [source]
        if with_versions:
            rows = all_versions(connection, source["file_id"])
        append_versions(services, connection, rows, target, source["name"])
    return no_content()


def move_file(services: Services, request: Request) -> Response:
    source_path, target = _ends(read_object(request))
    with services.database.write() as connection:
        source = _source(connection, source_path, target)
        place_file(connection, source, target, source["name"])
    return no_content()


def rename_file(services: Services, request: Request) -> Response:
    body = read_object(request)
    path, wanted = text_of(body, "filePath"), text_of(body, "newFileName")
    name, purge = clean_file_name(wanted), flag_of(body, "purgeCache")
    folder, old_name = split_path(path)
    with services.database.write() as connection:
        row = find_file(connection, folder, old_name)
        if row is None:
            raise ApiError(404, "There is no file at filePath.", "FILE_MISSING")
        if name == old_name:
            raise ApiError(
                400, "The old and the new name are equal.", "SAME_OLD_AND_NEW_NAME"
            )
        if find_file(connection, folder, name):
            raise ApiError(
                409, "A file with the new name exists.", "FILE_ALREADY_EXISTS"
            )
        connection.execute(
            "UPDATE assets SET name = ?, updated_at = ? WHERE file_id = ?",
            (name, now_ms(), row["file_id"]),
        )
    if not purge:
        return answer({})
    url = f"{services.config.url_endpoint}{join_path(folder, old_name)}*"
    return answer({"purgeRequestId": services.purges.add(url)})


def place_file(
    connection: sqlite3.Connection, source: sqlite3.Row, folder: str, name: str
) -> None:
    """Move a file with its versions; a file of that name gets them as versions."""
    ensure_folder(connection, folder)
    existing = find_file(connection, folder, name)
    if existing is None:
        connection.execute(
            "UPDATE assets SET folder = ?, name = ?, updated_at = ? WHERE file_id = ?",
            (folder, name, now_ms(), source["file_id"]),
        )
        return
    added = len(all_versions(connection, source["file_id"]))
    offset = last_version(connection, existing["file_id"], added)
    demote(connection, existing)
    connection.execute(
        "UPDATE assets SET folder = ?, name = ?, file_id = ?, created_at = ?,"
        " updated_at = ?, version_number = version_number + ? WHERE file_id = ?",
        (
            folder,
            name,
            existing["file_id"],
            existing["created_at"],
            now_ms(),
            offset,
            source["file_id"],
        ),
    )


def append_versions(
    services: Services,
    connection: sqlite3.Connection,
    rows: list[sqlite3.Row],
    folder: str,
    name: str,
) -> None:
    """Copy versions, oldest first, to a name, on top of the versions it has."""
    ensure_folder(connection, folder)
    existing = find_file(connection, folder, name)
    now, file_id = now_ms(), new_id()
    last = 0
    if existing:
        file_id = existing["file_id"]
        last = last_version(connection, file_id, len(rows))
        demote(connection, existing)
    for number, row in enumerate(rows, start=last + 1):
        is_last = row["version_id"] == rows[-1]["version_id"]
        insert_asset(
            connection,
            {column: row[column] for column in row.keys() if column != "seq"}  # noqa: SIM118
            | {
                "kind": "file" if is_last else "file-version",
                "file_id": file_id,
                "version_id": file_id if number == 1 else new_id(),
                "version_number": number,
                "folder": folder,
                "name": name,
                "blob": services.blobs.copy(row["blob"]),
                "created_at": existing["created_at"] if existing else now,
                "updated_at": now,
            },
        )


def _ends(body: dict[str, Any]) -> tuple[str, str]:
    return (
        text_of(body, "sourceFilePath"),
        clean_folder(text_of(body, "destinationPath")),
    )


def _source(connection: sqlite3.Connection, path: str, target: str) -> sqlite3.Row:
    folder, name = split_path(path)
    row = find_file(connection, folder, name)
    if row is None:
        raise ApiError(
            404, "There is no file at sourceFilePath.", "SOURCE_FILE_MISSING"
        )
    if folder == target:
        raise ApiError(
            400, "The file is in this folder already.", "SAME_SOURCE_AND_DESTINATION"
        )
    return row
