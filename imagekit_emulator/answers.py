"""The JSON objects of the API, built from rows of the index."""

import json
import sqlite3
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from imagekit_emulator.names import join_path

THUMBNAIL = "tr:n-ik_ml_thumbnail"


def iso_time(milliseconds: int) -> str:
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def file_path(row: sqlite3.Row) -> str:
    return join_path(row["folder"], row["name"])


def asset_object(endpoint: str, row: sqlite3.Row) -> dict[str, Any]:
    """Return a file, version or folder in the form of lists and details."""
    if row["kind"] == "folder":
        return _folder_object(row)
    query = f"updatedAt={row['updated_at']}"
    if row["kind"] == "file-version":
        query = f"ik-obj-version={row['version_id']}&{query}"
    answer = {
        "type": row["kind"],
        "fileId": row["file_id"],
        "name": row["name"],
        "filePath": file_path(row),
        "versionInfo": version_info(row),
        "url": f"{endpoint}{quote(file_path(row))}?{query}",
        "thumbnail": _thumbnail(endpoint, row, query),
        "fileType": row["file_type"],
        "mime": row["mime"],
        "size": row["size"],
        "AITags": json.loads(row["ai_tags"]) or None,
        **stored_attributes(row),
        "createdAt": iso_time(row["created_at"]),
        "updatedAt": iso_time(row["updated_at"]),
    }
    if row["description"] is not None:
        answer["description"] = row["description"]
    return answer | sides(row)


def upload_object(
    endpoint: str, row: sqlite3.Row, response_fields: list[str]
) -> dict[str, Any]:
    """Return the answer to an upload, with the `responseFields` that it asked for."""
    answer = {
        "fileId": row["file_id"],
        "name": row["name"],
        "size": row["size"],
        "versionInfo": version_info(row),
        "filePath": file_path(row),
        "url": endpoint + quote(file_path(row)),
        "fileType": row["file_type"],
        "AITags": json.loads(row["ai_tags"]) or None,
        "description": row["description"],
    } | sides(row)
    answer.pop("hasAlpha", None)
    if row["file_type"] == "image":
        answer["thumbnailUrl"] = _thumbnail(endpoint, row)
    on_request = stored_attributes(row) | {
        "metadata": metadata_object(row),
        "selectedFieldsSchema": {},
    }
    return answer | {name: on_request[name] for name in response_fields}


def metadata_object(row: sqlite3.Row) -> dict[str, Any]:
    """Return the metadata: size, sides and the simplest EXIF tags."""
    exif = json.loads(row["embedded_metadata"])
    image = {
        name: exif[name]
        for name in ("Make", "Model", "Software", "Artist", "Copyright")
        if isinstance(exif.get(name), str)
    }
    answer = {
        "size": row["size"],
        "format": row["format"],
        "hasColorProfile": False,
        "hasTransparency": bool(row["has_alpha"]),
        "exif": {"image": image, "thumbnail": {}, "exif": {}, "gps": {}},
    }
    if row["width"] is not None:
        answer |= {"width": row["width"], "height": row["height"]}
    return answer


def version_info(row: sqlite3.Row) -> dict[str, str]:
    return {"id": row["version_id"], "name": f"Version {row['version_number']}"}


def stored_attributes(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "tags": json.loads(row["tags"]) or None,
        "customCoordinates": row["custom_coordinates"],
        "isPrivateFile": bool(row["is_private"]),
        "isPublished": bool(row["is_published"]),
        "customMetadata": json.loads(row["custom_metadata"]),
        "embeddedMetadata": json.loads(row["embedded_metadata"]),
    }


def sides(row: sqlite3.Row) -> dict[str, Any]:
    if row["width"] is None:
        return {}
    return {
        "width": row["width"],
        "height": row["height"],
        "hasAlpha": bool(row["has_alpha"]),
    }


def _thumbnail(endpoint: str, row: sqlite3.Row, query: str = "") -> str | None:
    if row["file_type"] != "image":
        return None
    tail = f"?{query}" if query else ""
    return f"{endpoint}/{THUMBNAIL}{quote(file_path(row))}{tail}"


def _folder_object(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "type": "folder",
        "folderId": row["file_id"],
        "name": row["name"],
        "folderPath": file_path(row),
        "customMetadata": {},
        "createdAt": iso_time(row["created_at"]),
        "updatedAt": iso_time(row["updated_at"]),
    }
