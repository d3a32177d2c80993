"""The API of files: details, update, delete, metadata, tags."""

import json
import sqlite3
from typing import Any

from werkzeug.wrappers import Request, Response

from imagekit_emulator.answers import asset_object, metadata_object
from imagekit_emulator.asset_rows import (
    find_missing,
    require_file,
    write_tags,
)
from imagekit_emulator.database import now_ms
from imagekit_emulator.delivery_urls import locate, path_of_url
from imagekit_emulator.errors import ApiError, DeliveryError
from imagekit_emulator.json_api import answer, no_content, read_object, texts_of
from imagekit_emulator.library import MissingFiles
from imagekit_emulator.services import Services
from imagekit_emulator.upload_fields import (
    check_coordinates,
    check_custom_metadata,
    check_description,
    check_tags,
)

MAX_BULK_DELETE = 100
MAX_BULK_TAGS = 50
UPDATE_KEYS = {
    "tags",
    "customCoordinates",
    "customMetadata",
    "description",
    "removeAITags",
    "extensions",
    "webhookUrl",
    "publish",
}


def details(services: Services, request: Request, file_id: str) -> Response:
    row = services.library.file(file_id)
    return answer(asset_object(services.config.url_endpoint, row))


def update(services: Services, request: Request, file_id: str) -> Response:
    body = read_object(request)
    if unknown := set(body) - UPDATE_KEYS:
        raise ApiError(400, f"Unknown parameter: {sorted(unknown)[0]}.")
    with services.database.write() as connection:
        row = require_file(connection, file_id)
        columns = _changed_columns(body, row) | {"updated_at": now_ms()}
        assignments = ", ".join(f"{column} = ?" for column in columns)
        connection.execute(
            f"UPDATE assets SET {assignments} WHERE seq = ?",  # noqa: S608
            (*columns.values(), row["seq"]),
        )
        if "tags" in columns:
            write_tags(connection, row["version_id"], json.loads(columns["tags"]))
        row = require_file(connection, file_id)
    changed = asset_object(services.config.url_endpoint, row)
    if body.get("extensions"):
        names = [one["name"] for one in body["extensions"]]
        changed["extensionStatus"] = dict.fromkeys(names, "pending")
    return answer(changed)


def delete(services: Services, request: Request, file_id: str) -> Response:
    try:
        _delete(services, [file_id])
    except MissingFiles as error:
        raise ApiError(404, "The requested file does not exist.") from error
    services.webhooks.send("file.deleted", {"fileId": file_id})
    return no_content()


def bulk_delete(services: Services, request: Request) -> Response:
    file_ids = texts_of(read_object(request), "fileIds", MAX_BULK_DELETE)
    try:
        _delete(services, file_ids)
    except MissingFiles as error:
        raise _missing(error.file_ids) from error
    for file_id in dict.fromkeys(file_ids):
        services.webhooks.send("file.deleted", {"fileId": file_id})
    return answer({"successfullyDeletedFileIds": list(dict.fromkeys(file_ids))})


def _delete(services: Services, file_ids: list[str]) -> None:
    if "keep_deleted" not in services.config.traits:
        services.library.delete_files(file_ids)


def add_tags(services: Services, request: Request) -> Response:
    return _change_tags(services, request, "tags", adding=True)


def remove_tags(services: Services, request: Request) -> Response:
    return _change_tags(services, request, "tags", adding=False)


def remove_ai_tags(services: Services, request: Request) -> Response:
    # There never are AI tags, as no extension runs here: only the ids are checked.
    return _change_tags(services, request, "AITags", adding=False)


def metadata(services: Services, request: Request, file_id: str) -> Response:
    return answer(metadata_object(services.library.file(file_id)))


def metadata_from_url(services: Services, request: Request) -> Response:
    """Answer the metadata of the file with this delivery URL."""
    url = request.args.get("url", "")
    try:
        path = path_of_url(services.config.url_endpoint, url).partition("?")[0]
        folder, name, _ = locate(path)
    except (ValueError, DeliveryError) as error:
        raise ApiError(400, "The url parameter is not a valid URL.") from error
    row = services.library.at_path(folder, name)
    if not url or row is None:
        raise ApiError(400, "The url parameter names no file of this account.")
    return answer(metadata_object(row))


def _missing(file_ids: list[str]) -> ApiError:
    return ApiError(
        404,
        "The requested file(s) does not exist.",
        extra={"missingFileIds": file_ids},
    )


def _changed_columns(body: dict[str, Any], row: sqlite3.Row) -> dict[str, Any]:
    """Return the columns that an update sets; null empties them."""
    columns: dict[str, Any] = {}
    if "tags" in body:
        tags = texts_of(body, "tags", 500) if body["tags"] else []
        columns["tags"] = json.dumps(check_tags(tags))
    if "customCoordinates" in body:
        text = body["customCoordinates"]
        columns["custom_coordinates"] = check_coordinates(str(text)) if text else None
    if "customMetadata" in body:
        columns["custom_metadata"] = _merged_metadata(body["customMetadata"], row)
    if "description" in body:
        columns["description"] = check_description(str(body["description"] or ""))
    if "publish" in body:
        columns["is_published"] = _published(body["publish"])
    if body.get("removeAITags") not in (None, "all") and not (
        isinstance(body["removeAITags"], list)
    ):
        raise ApiError(400, "The removeAITags parameter is invalid.")
    if not _are_extensions(body.get("extensions", [])):
        raise ApiError(400, "The extensions parameter is invalid.")
    return columns


def _merged_metadata(given: Any, row: sqlite3.Row) -> str:
    merged = json.loads(row["custom_metadata"]) | check_custom_metadata(given)
    return json.dumps({k: value for k, value in merged.items() if value is not None})


def _published(publish: Any) -> bool:
    if not isinstance(publish, dict) or not isinstance(
        publish.get("isPublished"), bool
    ):
        raise ApiError(400, "The publish parameter is invalid.")
    return bool(publish["isPublished"])


def _are_extensions(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in value
    )


def _change_tags(
    services: Services, request: Request, name: str, *, adding: bool
) -> Response:
    body = read_object(request)
    file_ids = list(dict.fromkeys(texts_of(body, "fileIds", MAX_BULK_TAGS)))
    tags = check_tags(texts_of(body, name, 500))
    with services.database.write() as connection:
        if missing := find_missing(connection, file_ids):
            raise _missing(missing)
        for file_id in file_ids if name == "tags" else []:
            row = require_file(connection, file_id)
            held = json.loads(row["tags"])
            kept = [tag for tag in held if adding or tag not in tags]
            changed = check_tags(kept + tags if adding else kept)
            connection.execute(
                "UPDATE assets SET tags = ?, updated_at = ? WHERE seq = ?",
                (json.dumps(changed), now_ms(), row["seq"]),
            )
            write_tags(connection, row["version_id"], changed)
    return answer({"successfullyUpdatedFileIds": file_ids})
