"""The API of folders: create, delete, and bulk jobs to move, copy and rename."""

import sqlite3

from werkzeug.wrappers import Request, Response

from imagekit_emulator.asset_rows import all_versions, delete_rows, ensure_folder
from imagekit_emulator.errors import ApiError
from imagekit_emulator.json_api import answer, flag_of, no_content, read_object, text_of
from imagekit_emulator.names import (
    clean_folder,
    find_folder,
    join_path,
    new_id,
    split_path,
)
from imagekit_emulator.placement_api import append_versions, place_file
from imagekit_emulator.search import inside_folder
from imagekit_emulator.services import Services


def create_folder(services: Services, request: Request) -> Response:
    body = read_object(request)
    name = text_of(body, "folderName")
    parent = text_of(body, "parentFolderPath")
    if name.strip("./") == "":
        raise ApiError(400, "The folderName is invalid.", "INVALID_FOLDER_PATH")
    with services.database.write() as connection:
        ensure_folder(connection, clean_folder(join_path(parent.rstrip("/"), name)))
    return answer({}, 201)


def delete_folder(services: Services, request: Request) -> Response:
    """Delete a folder with everything in it."""
    folder = find_folder(text_of(read_object(request), "folderPath"))
    if folder == "/":
        raise ApiError(400, "The root cannot be deleted.", "INVALID_FOLDER_PATH")
    with services.database.write() as connection:
        _require_folder(connection, folder, "FOLDER_NOT_FOUND")
        inside = inside_folder(folder)
        blobs = delete_rows(connection, inside.text, inside.parameters)
        _delete_folder_row(connection, folder)
    for blob in blobs:
        services.blobs.remove(blob)
    return no_content()


def move_folder(services: Services, request: Request) -> Response:
    body = read_object(request)
    source = find_folder(text_of(body, "sourceFolderPath"))
    target = clean_folder(text_of(body, "destinationPath"))
    with services.database.write() as connection:
        name = _check_ends(connection, source, target)
        _move(connection, source, join_path(target, name))
    return _job(services, "MOVE_FOLDER")


def copy_folder(services: Services, request: Request) -> Response:
    body = read_object(request)
    source = find_folder(text_of(body, "sourceFolderPath"))
    target = clean_folder(text_of(body, "destinationPath"))
    with_versions = flag_of(body, "includeVersions")
    with services.database.write() as connection:
        goal = join_path(target, _check_ends(connection, source, target))
        _ensure_same_folders(connection, source, goal)
        for row in _rows(connection, source, "file"):
            versions = [row]
            if with_versions:
                versions = all_versions(connection, row["file_id"])
            folder = goal + row["folder"].removeprefix(source)
            append_versions(services, connection, versions, folder, row["name"])
    return _job(services, "COPY_FOLDER")


def rename_folder(services: Services, request: Request) -> Response:
    body = read_object(request)
    source = find_folder(text_of(body, "folderPath"))
    parent, old_name = split_path(source)
    purge = flag_of(body, "purgeCache")
    goal = clean_folder(join_path(parent, text_of(body, "newFolderName")))
    with services.database.write() as connection:
        _require_folder(connection, source, "FOLDER_NOT_FOUND")
        if split_path(goal)[1] == old_name:
            raise ApiError(
                400, "The old and the new name are equal.", "SAME_OLD_AND_NEW_NAME"
            )
        if _find_folder(connection, goal):
            raise ApiError(
                409, "A folder with the new name exists.", "FOLDER_ALREADY_EXISTS"
            )
        _move(connection, source, goal)
    url = f"{services.config.url_endpoint}{source}/*"
    return _job(services, "RENAME_FOLDER", url if purge else None)


def job_status(services: Services, request: Request, job_id: str) -> Response:
    with services.database.read() as connection:
        row = connection.execute(
            "SELECT * FROM jobs WHERE job_id = ?", (job_id,)
        ).fetchone()
    if row is None:
        raise ApiError(404, "The requested job does not exist.")
    body = {"jobId": job_id, "type": row["type"], "status": "Completed"}
    if row["purge_request_id"]:
        body["purgeRequestId"] = row["purge_request_id"]
    return answer(body)


def _job(services: Services, kind: str, purge_url: str | None = None) -> Response:
    """Record a job that is done already: no job is ever pending."""
    purge = services.purges.add(purge_url) if purge_url else None
    job_id = new_id()
    with services.database.write() as connection:
        connection.execute("INSERT INTO jobs VALUES (?, ?, ?)", (job_id, kind, purge))
    return answer({"jobId": job_id})


def _rows(connection: sqlite3.Connection, folder: str, kind: str) -> list[sqlite3.Row]:
    inside = inside_folder(folder)
    return connection.execute(
        f"SELECT * FROM assets WHERE kind = ? AND {inside.text} ORDER BY seq",  # noqa: S608
        (kind, *inside.parameters),
    ).fetchall()


def _find_folder(connection: sqlite3.Connection, folder: str) -> bool:
    parent, name = split_path(folder)
    return bool(
        connection.execute(
            "SELECT 1 FROM assets WHERE kind = 'folder' AND folder = ? AND name = ?",
            (parent, name),
        ).fetchone()
    )


def _require_folder(connection: sqlite3.Connection, folder: str, reason: str) -> None:
    if not _find_folder(connection, folder):
        raise ApiError(404, "The requested folder does not exist.", reason)


def _check_ends(connection: sqlite3.Connection, source: str, target: str) -> str:
    """Return the folder's own name; 4xx when it cannot be moved or copied there."""
    if source == "/":
        raise ApiError(400, "The root cannot be moved.", "SOURCE_IS_ROOT")
    _require_folder(connection, source, "NO_FILES_FOLDER")
    if f"{target}/".startswith(f"{source}/") or split_path(source)[0] == target:
        raise ApiError(
            400, "The destination is not possible.", "INVALID_DESTINATION_PATH"
        )
    return split_path(source)[1]


def _move(connection: sqlite3.Connection, source: str, goal: str) -> None:
    _ensure_same_folders(connection, source, goal)
    for row in _rows(connection, source, "file"):
        folder = goal + row["folder"].removeprefix(source)
        place_file(connection, row, folder, row["name"])
    inside = inside_folder(source)
    delete_rows(connection, f"kind = 'folder' AND {inside.text}", inside.parameters)
    _delete_folder_row(connection, source)


def _ensure_same_folders(
    connection: sqlite3.Connection, source: str, goal: str
) -> None:
    """Create `goal` with the folders that `source` has, unless they exist."""
    ensure_folder(connection, goal)
    for row in _rows(connection, source, "folder"):
        folder = join_path(row["folder"], row["name"])
        ensure_folder(connection, goal + folder.removeprefix(source))


def _delete_folder_row(connection: sqlite3.Connection, folder: str) -> None:
    delete_rows(
        connection, "kind = 'folder' AND folder = ? AND name = ?", split_path(folder)
    )
