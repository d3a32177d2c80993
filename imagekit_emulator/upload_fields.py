"""The text fields of an upload, and their checks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imagekit_emulator.errors import ApiError
from imagekit_emulator.json_api import parse_json
from imagekit_emulator.library import Attributes
from imagekit_emulator.names import clean_file_name, clean_folder

MAX_TAGS_LENGTH = 500
MAX_DESCRIPTION_LENGTH = 10_000
RESPONSE_FIELDS = (
    "tags",
    "customCoordinates",
    "isPrivateFile",
    "isPublished",
    "embeddedMetadata",
    "customMetadata",
    "metadata",
    "selectedFieldsSchema",
)
# overwrite flag -> (field that overrides the flag, column that is kept without it)
KEEP_FLAGS = {
    "overwriteTags": ("tags", "tags"),
    "overwriteAITags": ("", "ai_tags"),
    "overwriteCustomMetadata": ("customMetadata", "custom_metadata"),
}


@dataclass(frozen=True)
class UploadFields:
    """The fields of an upload as Python values."""

    name: str
    folder: str
    unique_name: bool
    overwrite: bool
    keep: frozenset[str]
    attributes: Attributes
    response_fields: list[str]
    transformation: dict[str, Any]
    extensions: list[str]
    checks: str


def read_fields(fields: Mapping[str, str]) -> UploadFields:
    """Read the form; 400 for the first field that is wrong."""
    keep = {
        column
        for flag, (given, column) in KEEP_FLAGS.items()
        if not _flag(fields, flag, default=True) and not fields.get(given)
    }
    webhook = fields.get("webhookUrl", "")
    if webhook and not re.match(r"https?://[^/\s]", webhook):
        raise ApiError(400, "The webhookUrl parameter is not a valid URL.")
    asked = [name.strip() for name in fields.get("responseFields", "").split(",")]
    return UploadFields(
        name=clean_file_name(fields.get("fileName", "")),
        folder=clean_folder(fields.get("folder", "/")),
        unique_name=_flag(fields, "useUniqueFileName", default=True),
        overwrite=_flag(fields, "overwriteFile", default=True),
        keep=frozenset(keep),
        attributes=_attributes(fields),
        response_fields=[name for name in RESPONSE_FIELDS if name in asked],
        transformation=_transformation(fields.get("transformation", "")),
        extensions=_extensions(fields.get("extensions", "")),
        checks=fields.get("checks", ""),
    )


def check_tags(tags: list[str]) -> list[str]:
    """Return the tags without repetitions; 400 for too many and for a `%`."""
    if sum(map(len, tags)) > MAX_TAGS_LENGTH or any("%" in tag for tag in tags):
        raise ApiError(400, "The tags parameter is invalid.")
    return list(dict.fromkeys(tags))


def check_coordinates(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,6}(,[0-9]{1,6}){3}", text):
        raise ApiError(400, "The customCoordinates parameter must be x,y,width,height.")
    return text


def check_custom_metadata(value: Any) -> dict[str, Any]:
    """Return an object of plain values, or lists of them; 400 for others.

    Every name is accepted: the emulator has no list of the account's fields.
    """
    if not isinstance(value, dict):
        raise ApiError(400, "The customMetadata parameter must be an object.")
    for name, held in value.items():
        for one in held if isinstance(held, list) else [held]:
            if not name or isinstance(one, dict | list):
                raise ApiError(
                    400,
                    "The customMetadata parameter is invalid.",
                    extra={"errors": {name: "is not a plain value"}},
                )
    return value


def check_description(text: str) -> str:
    if len(text) > MAX_DESCRIPTION_LENGTH:
        raise ApiError(400, "The description parameter is too long.")
    return text


def _attributes(fields: Mapping[str, str]) -> Attributes:
    tags = [tag.strip() for tag in fields.get("tags", "").split(",")]
    metadata = fields.get("customMetadata") or "{}"
    coordinates = fields.get("customCoordinates")
    return Attributes(
        tags=check_tags([tag for tag in tags if tag]),
        custom_metadata=check_custom_metadata(parse_json(metadata)),
        custom_coordinates=check_coordinates(coordinates) if coordinates else None,
        description=check_description(fields.get("description", "")) or None,
        is_private=_flag(fields, "isPrivateFile", default=False),
        is_published=_flag(fields, "isPublished", default=True),
    )


def _flag(fields: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = fields.get(name, "")
    if text not in {"", "true", "false"}:
        raise ApiError(400, f"The {name} parameter must be true or false.")
    return text == "true" if text else default


def _extensions(text: str) -> list[str]:
    """Return the names of the extensions that are asked for; none is run."""
    listed = parse_json(text) if text else []
    if not isinstance(listed, list) or not all(
        isinstance(one, dict) and isinstance(one.get("name"), str) for one in listed
    ):
        raise ApiError(400, "The extensions parameter is invalid.")
    return [one["name"] for one in listed]


def _transformation(text: str) -> dict[str, Any]:
    value = parse_json(text) if text else {}
    if not isinstance(value, dict) or not set(value) <= {"pre", "post"}:
        raise ApiError(400, "The transformation parameter is invalid.")
    if not isinstance(value.get("pre", ""), str):
        raise ApiError(400, "The transformation parameter is invalid.")
    post = value.get("post", [])
    if not isinstance(post, list) or not all(map(_is_post_step, post)):
        raise ApiError(400, "The transformation parameter is invalid.")
    return value


def _is_post_step(step: Any) -> bool:
    if not isinstance(step, dict):
        return False
    kind, value = step.get("type"), step.get("value")
    if kind in {"transformation", "abs"} and not (isinstance(value, str) and value):
        return False
    if kind == "abs":
        return step.get("protocol") in {"hls", "dash"}
    return kind in {"transformation", "gif-to-video", "thumbnail"} and (
        value is None or isinstance(value, str)
    )
