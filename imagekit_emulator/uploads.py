"""The upload endpoints, version 1 and 2."""

from collections.abc import Callable, Mapping
from typing import IO

from PIL import Image
from werkzeug.wrappers import Request, Response

from imagekit_emulator.answers import asset_object, upload_object
from imagekit_emulator.auth import authorise_upload_v1, authorise_upload_v2, require_key
from imagekit_emulator.checks import facts_of, holds, parse_checks
from imagekit_emulator.errors import ApiError, DeliveryError
from imagekit_emulator.json_api import answer
from imagekit_emulator.library import NewFile
from imagekit_emulator.media_types import MediaInfo, inspect
from imagekit_emulator.names import with_unique_suffix
from imagekit_emulator.rendering import render
from imagekit_emulator.services import Services
from imagekit_emulator.transformations import parse_steps
from imagekit_emulator.upload_fields import UploadFields, read_fields
from imagekit_emulator.upload_form import UploadForm, read_form

Authorise = Callable[[Services, Request, Mapping[str, str]], None]


def upload_v1(services: Services, request: Request) -> Response:
    return _upload(services, request, authorise_upload_v1)


def upload_v2(services: Services, request: Request) -> Response:
    return _upload(services, request, authorise_upload_v2)


def _upload(services: Services, request: Request, authorise: Authorise) -> Response:
    if "Authorization" in request.headers:
        # Refuse a wrong key before the body is read.
        require_key(services, request)
    with read_form(request, services.blobs) as form:
        authorise(services, request, form.fields)
        return _store(services, form)


def _store(services: Services, form: UploadForm) -> Response:
    if form.file is None:
        raise ApiError(400, "Missing file parameter for upload.")
    fields = read_fields(form.fields)
    checks = parse_checks(fields.checks) if fields.checks else None
    info = inspect(form.file, fields.name)
    _check_transformation(fields, info)
    if "ignore_checks" in services.config.traits:
        checks = None
    if checks and not holds(checks, facts_of(form.fields, info)):
        raise ApiError(400, "Your request did not meet the checks of the upload.")
    with services.blobs.scratch() as transformed:
        file: IO[bytes] = form.file
        if fields.transformation.get("pre") and info.file_type == "image":
            file = transformed
            info = _transform(form.file, transformed, fields, info)
            if "flatten_animations" in services.config.traits:
                info = _flatten(transformed, fields)
        blob = services.blobs.keep(file)
    try:
        new = _new_file(fields, blob, info)
        if "ignore_private" in services.config.traits:
            new.attributes.is_private = False
        row = services.library.store(new)
    except BaseException:
        services.blobs.remove(blob)
        raise
    endpoint = services.config.url_endpoint
    kind = "file" if row["version_number"] == 1 else "file-version"
    services.webhooks.send(f"{kind}.created", asset_object(endpoint, row))
    body = upload_object(endpoint, row, fields.response_fields)
    if fields.extensions:
        body["extensionStatus"] = dict.fromkeys(fields.extensions, "pending")
    return answer(body)


def _new_file(fields: UploadFields, blob: str, info: MediaInfo) -> NewFile:
    name = with_unique_suffix(fields.name) if fields.unique_name else fields.name
    return NewFile(
        folder=fields.folder,
        name=name,
        blob=blob,
        info=info,
        attributes=fields.attributes,
        overwrite=fields.overwrite,
        keep=fields.keep,
    )


def _check_transformation(fields: UploadFields, info: MediaInfo) -> None:
    """Refuse transformations that do not fit the type of the file."""
    if not fields.transformation:
        return
    is_video = info.mime.startswith("video/")
    if info.file_type != "image" and not is_video:
        raise ApiError(400, "Only images and videos can be transformed.")
    for step in fields.transformation.get("post", []):
        if step["type"] == "gif-to-video" and info.mime != "image/gif":
            raise ApiError(400, "Only a GIF can become a video.")
        if step["type"] in {"thumbnail", "abs"} and not is_video:
            raise ApiError(400, f"The type {step['type']} is for videos only.")


def _transform(
    source: IO[bytes],
    target: IO[bytes],
    fields: UploadFields,
    info: MediaInfo,
) -> MediaInfo:
    """Transform the picture that was sent into the one to store."""
    try:
        steps = parse_steps(fields.transformation["pre"])
        # The format stays, unless the transformation names another.
        render(source, info, steps, target)
    except DeliveryError as error:
        raise ApiError(400, f"The pre-transformation failed: {error.text}.") from error
    return inspect(target, fields.name)


def _flatten(file: IO[bytes], fields: UploadFields) -> MediaInfo:
    """Keep the first frame of a picture."""
    file.seek(0)
    with Image.open(file) as picture:
        picture.load()
        kind = picture.format
        frame = picture.copy()
    file.seek(0)
    file.truncate()
    frame.save(file, kind)
    return inspect(file, fields.name)
