"""Examples of requests and answers in the OpenAPI document.

Each is put together from one table of values, so that all tell the same story.
"""

from collections.abc import Iterator
from typing import Any

_ID = "019ad0b2-6f1c-7c3a-9b1e-5d1f0c2a7e44"
_OWNER = "019ad0a1-33d0-7b52-8f10-2c9d4be0a6f1"
_URL = "https://ik.imagekit.io/demo/media/lake-k3v9q2x7.jpg"
_TIME = "2026-03-01T08:30:00Z"
_TOKEN = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl"  # noqa: S105
_PASSWORD = "violet-harbour-41"  # noqa: S105
_LATER = "2026-03-15T08:30:00Z"

# The value of each property, by its name or by its component and name, or of a whole
# component. Properties that have components of their own, and choices, need none.
VALUES: dict[str, Any] = {
    "access": _TOKEN,
    "access_token": _TOKEN,
    "address": "192.0.2.7",
    "agent": "Mozilla/5.0 (X11; Linux x86_64)",
    "alt_text": "A lake between dark hills",
    "available": True,
    "caption": "The lake at dawn",
    "checks": '"request.folder" : "/media"',
    "content_type": "image/jpeg",
    "count": 1,
    "created_at": _TIME,
    "current_password": _PASSWORD,
    "date_joined": _TIME,
    "deleted": [_ID],
    "detail": "If this e-mail address has an account, a mail has been sent to it.",
    "details": "The same advertisement as in ten other images.",
    "display_name": "Ann",
    "dominant_color": "#1e4678",
    "duplicate_of": None,
    "email": "ann@example.com",
    "email_verified": True,
    "error": "invalid_grant",
    "error_description": "No active account has these credentials.",
    "expires_at": _LATER,
    "expires_in": 3600,
    "file": "(the bytes of the file)",
    "file_deleted": "2026-03-01T08:30:02Z",
    "file_id": "65f1a0c2e375273f60b1d9aa",
    "fileName": f"{_ID}-k3v9q2x7.jpg",
    "filename": "lake.jpg",
    "folder": f"/media/{_OWNER}",
    "formats": ["jpeg", "png", "webp", "gif", "heic", "avif"],
    "height": 1200,
    "id": _ID,
    "ids": [_ID],
    "image_count": 1,
    "invitation": "",
    "isPrivateFile": "false",
    "large": f"{_URL}?tr=w-1280,c-at_max,f-auto",
    "last_used_at": _TIME,
    "LoginForm.": {
        "grant_type": "password",
        "username": "ann@example.com",
        "password": _PASSWORD,
    },
    "max_bytes": 20_000_000,
    "max_pixels": 100_000_000,
    "medium": f"{_URL}?tr=w-640,c-at_max,f-auto",
    "moderation": None,
    "new_email": "ann@example.org",
    "new_password": "copper-lantern-87",
    "next": None,
    "not_found": [],
    "overwriteFile": "true",
    "Owner.id": _OWNER,
    "password": _PASSWORD,
    "placeholder": "LKO2?U%2Tw=w]~RBVZRi};RPxuwH",
    "previous": None,
    "purge_completed": None,
    "purge_requested": None,
    "purge_waits": False,
    "quota_bytes": None,
    "refresh": _TOKEN,
    "refresh_token": _TOKEN,
    "removed_metadata": ["camera", "gps"],
    "revoked_at": None,
    "row_removed": _TIME,
    "scope": "",
    "size": 482_113,
    "small": f"{_URL}?tr=w-320,c-at_max,f-auto",
    "srcset": f"{_URL}?tr=w-320,c-at_max,f-auto 320w, {_URL} 1600w",
    "thumbnail": f"{_URL}?tr=w-320,h-320,fo-auto,f-auto",
    "token": "cwxk2e-3b1f0a9d7c5e8f60a1b2c3d4e5f60718",
    "token_type": "bearer",
    "TokenCheck.token": _TOKEN,
    "transformation": '{"pre":"w-4096,c-at_max"}',
    "uid": "MDE5YWQwYTE",
    "updated_at": _TIME,
    "upload_url": "https://upload.imagekit.io/api/v2/files/upload",
    "url": _URL,
    "used_bytes": 482_113,
    "useUniqueFileName": "false",
    "User.id": _OWNER,
    "username": "ann@example.com",
    "UserEdit.display_name": "Ann B.",
    "width": 1600,
}


def add_examples(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Give each JSON body and form an example: a hook of drf-spectacular."""
    components = result["components"]
    shown = components.setdefault("examples", {})
    for kind, media in _bodies(result["paths"]):
        schema = media["schema"]
        if "example" in media or schema.get("format") == "binary":
            continue
        name = _name(schema)
        if name is None:
            media["example"] = _example(schema, "", "", components["schemas"])
            continue
        if name not in shown:
            shown[name] = {"value": _example(schema, "", "", components["schemas"])}
        if kind != "application/json":
            _fill_form(components["schemas"][name])
        media["examples"] = {name: {"$ref": f"#/components/examples/{name}"}}
    components["examples"] = dict(sorted(shown.items()))
    return result


def _fill_form(schema: dict[str, Any]) -> None:
    """Give each text field an example: Swagger UI fills in "string" without one."""
    for name, field in schema["properties"].items():
        if field.get("type") == "string" and field.get("format") != "binary":
            field["examples"] = [VALUES[name]]


def _bodies(part: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Find what the document says about the bodies of requests and answers."""
    if not isinstance(part, dict):
        return
    for name, inner in part.items():
        if name == "content":
            yield from inner.items()
        else:
            yield from _bodies(inner)


def _name(schema: dict[str, Any]) -> str | None:
    return schema["$ref"].rpartition("/")[2] if "$ref" in schema else None


def _example(
    schema: dict[str, Any], component: str, field: str, schemas: dict[str, Any]
) -> Any:
    """Return a value for this schema, which describes a property of the component."""
    for key in (f"{component}.{field}", field):
        if key in VALUES:
            return VALUES[key]
    for key in ("oneOf", "allOf"):
        if key in schema:
            return _example(schema[key][0], component, field, schemas)
    if name := _name(schema):
        return _example(schemas[name], name, "", schemas)
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "array":
        return [_example(schema["items"], component, "", schemas)]
    if schema["type"] == "object":
        return {
            name: _example(inner, component, name, schemas)
            for name, inner in schema.get("properties", {}).items()
        }
    raise LookupError(f"{__name__}.VALUES has no value for {component}.{field}.")
