"""Requests to the project's tables without a framework: the upper limit of speed.

A WSGI function, psycopg, PyJWT and orjson. It makes the queries that the project
makes: one for the user of the token, and one for images. It has almost no routing and
error handling, and no validation, renditions or ETags. `benchmarks.bare_upload` has its
upload.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import jwt
import orjson
import psycopg
from psycopg.rows import dict_row

from benchmarks.bare_upload import upload

_SECRET = os.environ["JWT_SECRET_KEY"]
_DATABASE = os.environ["DATABASE_URL"]
_USER = "SELECT * FROM accounts_user WHERE id = %s"
_LIST = "SELECT * FROM images_image WHERE owner_id = %s ORDER BY id DESC LIMIT 21"
_ONE = "SELECT * FROM images_image WHERE id = %s AND owner_id = %s"
_PROFILE = ("id", "email", "email_verified", "display_name", "item_count")
_IMAGE = (
    *("id", "caption", "alt_text", "visibility", "width", "height", "size"),
    *("format", "placeholder", "dominant_color", "state", "created_at", "updated_at"),
)
_local = threading.local()


def application(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    body = orjson.dumps(_answer(environ))
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
    ]
    start_response("200 OK", headers)
    return [body]


def _answer(environ: dict[str, Any]) -> dict[str, Any]:
    token, path = environ["HTTP_AUTHORIZATION"][7:], environ["PATH_INFO"]
    claims = jwt.decode(token, _SECRET, algorithms=["HS256"])
    user = _rows(_USER, claims["user_id"])[0]
    if not user["is_active"] or claims["ver"] != user["token_version"]:
        raise PermissionError
    if environ["REQUEST_METHOD"] == "POST":
        return _image(upload(environ, user["id"], _connection()))
    if path == "/api/v1/users/me/":
        return {name: user[name] for name in _PROFILE}
    if path == "/api/v1/images/":
        rows = _rows(_LIST, user["id"])
        return {
            "next": len(rows) > 20,
            "count": user["item_count"],
            "results": [_image(row) for row in rows[:20]],
        }
    return _image(_rows(_ONE, UUID(path.split("/")[-2]), user["id"])[0])


def _image(row: dict[str, Any]) -> dict[str, Any]:
    image = {name: row[name] for name in _IMAGE}
    image["url"] = "https://ik.imagekit.io/demo/" + _path(row["file"])
    return image


def _path(name: str) -> str:
    """Return the path in a stored name, which has a file id before its extension."""
    stem, _, rest = name.partition("~")
    return f"{stem}.{rest.partition('.')[2]}"


def _rows(query: str, *parameters: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _connection().execute(query, parameters).fetchall()
    return rows


def _connection() -> psycopg.Connection[Any]:
    """Return this thread's own connection."""
    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(
            _DATABASE, autocommit=True, row_factory=dict_row
        )
    connection: psycopg.Connection[Any] = _local.connection
    return connection
