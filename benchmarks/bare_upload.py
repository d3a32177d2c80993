"""An upload without a framework: the upper limit of speed for the same care.

It parses the form with Werkzeug, inspects and strips the picture with `images.media`,
makes the same preview, hash and look for copies, sends the file over a kept connection,
and writes the rows that keep files and database consistent. It has no validation of
texts, no quota, no retries and no logs.
"""

import hashlib
import json
import os
import secrets
import threading
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from werkzeug.formparser import parse_form_data

from images.media.formats import inspect_image
from images.media.previews import make_preview
from images.media.stripping import strip_metadata

_BOUNDARY = secrets.token_hex(16)
_HEADERS = {
    "Authorization": "Basic cHJpdmF0ZV9iZW5jaG1hcms6",
    "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
}
_NEAR = 6
_COPIES = """
SELECT (SELECT image_id FROM images_removedpicture WHERE sha256 = %(sha256)s LIMIT 1),
       (SELECT id FROM images_removedpicture
        WHERE bit_count((perceptual_hash # %(hash)s::bigint)::bit(64)) <= %(near)s
        ORDER BY bit_count((perceptual_hash # %(hash)s::bigint)::bit(64)) LIMIT 1),
       (SELECT id FROM images_image WHERE owner_id = %(owner)s AND sha256 = %(sha256)s
        ORDER BY id LIMIT 1)
"""
_RESERVE = """
INSERT INTO images_pendingdeletion
    (name, reason, due_at, purge, attempts, last_error, created_at)
VALUES (%s, 'reservation', %s, false, 0, '', %s) RETURNING id
"""
_COUNT = """
UPDATE accounts_user SET item_count = item_count + 1, stored_bytes = stored_bytes + %s,
    content_version = content_version + 1, content_changed_at = %s WHERE id = %s
"""
_REDEEM = """
DELETE FROM images_pendingdeletion WHERE id = %s AND attempted_at IS NULL
"""
_local = threading.local()


def upload(
    environ: dict[str, Any], owner: UUID, connection: psycopg.Connection[Any]
) -> dict[str, Any]:
    """Store the file of the form, and return the columns of the new image."""
    content, image = _read(environ, owner)
    keys = {"sha256": image["sha256"], "hash": image["perceptual_hash"]}
    found = connection.execute(_COPIES, {**keys, "owner": owner, "near": _NEAR})
    if any((found.fetchone() or {}).values()):
        raise PermissionError
    name = f"{owner}/{image['id']}-{secrets.token_hex(8)}.jpg"
    now = image["created_at"]
    reserved = connection.execute(_RESERVE, (name, now + timedelta(hours=1), now))
    key = reserved.fetchone()["id"]  # type: ignore[index]
    stem, _, extension = name.rpartition(".")
    image["file"] = f"{stem}~{_send(name, content)}.{extension}"
    with connection.transaction():
        connection.execute(_COUNT, (image["size"], now, owner))
        columns = ", ".join(image)
        values = ", ".join(["%s"] * len(image))
        connection.execute(
            f"INSERT INTO images_image ({columns}) VALUES ({values})".encode(),  # noqa: S608
            list(image.values()),
        )
        if not connection.execute(_REDEEM, (key,)).rowcount:
            raise TimeoutError
    return image


def _read(environ: dict[str, Any], owner: UUID) -> tuple[bytes, dict[str, Any]]:
    """Return the stripped file of the form, and its image's columns but `file`."""
    _, form, files = parse_form_data(environ)
    file = files["file"].stream
    info = inspect_image(file, max_pixels=100_000_000, max_frames=500)
    content = strip_metadata(file, info.format).read()
    preview = make_preview(cast(Any, BytesIO(content)), info)
    now = datetime.now(UTC)
    return content, {
        "id": uuid4(),
        "owner_id": owner,
        "caption": form["caption"],
        "alt_text": "",
        "visibility": "unlisted",
        "width": info.width,
        "height": info.height,
        "size": len(content),
        "format": info.format,
        "delivered_as_is": False,
        "sha256": hashlib.sha256(content).hexdigest(),
        **preview._asdict(),
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "state": "visible",
        "state_reason": "",
        "state_note": "",
        "reviewed": False,
        "open_reports": 0,
        "decision_count": 0,
    }


def _send(name: str, content: bytes) -> str:
    """Send the file over this thread's own connection; return ImageKit's file id."""
    if not hasattr(_local, "connection"):
        server = urlsplit(os.environ["IMAGEKIT_API_URL"])
        _local.connection = HTTPConnection(cast(str, server.hostname), server.port)
    folder, _, file_name = name.rpartition("/")
    fields = {"fileName": file_name, "folder": folder, "useUniqueFileName": "false"}
    start = "".join(map(_field, fields, fields.values()))
    start += f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
    start += f'filename="{file_name}"\r\nContent-Type: image/jpeg\r\n\r\n'
    pieces = (start.encode(), content, f"\r\n--{_BOUNDARY}--\r\n".encode())
    headers = {**_HEADERS, "Content-Length": str(sum(map(len, pieces)))}
    _local.connection.request("POST", "/api/v1/files/upload", pieces, headers)
    response = _local.connection.getresponse()
    return str(json.loads(response.read())["fileId"])


def _field(name: str, value: str) -> str:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    return f"{head}\r\n\r\n{value}\r\n"
