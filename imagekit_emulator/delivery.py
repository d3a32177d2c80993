"""Delivery URLs: stored or transformed bytes, public or signed."""

import hashlib
import sqlite3
import tempfile
from typing import IO, cast

from werkzeug.http import dump_options_header
from werkzeug.wrappers import Request, Response
from werkzeug.wsgi import wrap_file

from imagekit_emulator.decoding import HEIC
from imagekit_emulator.delivery_urls import decoded_path, locate, not_found, raw_target
from imagekit_emulator.errors import DeliveryError
from imagekit_emulator.media_types import MediaInfo
from imagekit_emulator.rendering import RASTER, render
from imagekit_emulator.services import Services
from imagekit_emulator.signatures import is_signed
from imagekit_emulator.transformations import (
    Step,
    only_named,
    parse_steps,
    wants_original,
)

YEAR_SECONDS = 31_536_000
SPOOL_BYTES = 1024 * 1024
HEADERS = {
    "Cache-Control": (
        f"public, s-maxage={YEAR_SECONDS}, max-age={YEAR_SECONDS}, must-revalidate"
    ),
    "X-Server": "ImageKit.io",
    # The emulator may share its origin with a site: scripts in files must not run.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}


def deliver(services: Services, request: Request, path: str) -> Response:
    """Answer a delivery URL.

    `path` is decoded and so not used: signatures are over the URL as it was sent.
    """
    target = raw_target(request, services.config.imagekit_id)
    response = _from_library(services, request, target)
    response.headers.extend(HEADERS)
    return response.make_conditional(request.environ)


def error_response(error: DeliveryError) -> Response:
    """Return a plain page, with the reason in the header `ik-error`."""
    text = {401: "Unauthorized", 404: "Not Found"}.get(error.status, error.text)
    response = Response(text, error.status, mimetype="text/plain")
    response.headers["ik-error"] = f"{error.code} - {error.text}"
    response.headers["Cache-Control"] = "no-store"
    return response


def _from_library(services: Services, request: Request, target: str) -> Response:
    signed = is_signed(services.config.private_key, target)
    if "refuse_expiry" in services.config.traits and request.args.get("ik-t"):
        raise DeliveryError(401, "EACCES", "The account refuses URLs that expire")
    folder, name, in_path = locate(decoded_path(target))
    text = ":".join(filter(None, [in_path, *request.args.getlist("tr")]))
    row = services.library.at_path(folder, name)
    if row is None or not row["is_published"]:
        raise not_found()
    _refuse_by_traits(services.config.traits, text, signed)
    if row["is_private"] and not signed and not only_named(text):
        raise DeliveryError(401, "EACCES", "The file is private")
    if request.args.get("ik-obj-version"):
        row = _version(services, row, request.args["ik-obj-version"])
    steps = parse_steps(text)
    try:
        source = services.blobs.path(row["blob"]).open("rb")
    except FileNotFoundError:
        # It was deleted after the index was read.
        raise not_found() from None
    response = _response(request, row, steps, source)
    if request.args.get("ik-attachment") == "true":
        response.headers["Content-Disposition"] = dump_options_header(
            "attachment", {"filename": name}
        )
    return response


def _refuse_by_traits(traits: frozenset[str], text: str, signed: bool) -> None:
    if "restrict_unsigned" in traits and not signed:
        raise DeliveryError(401, "EACCES", "The account restricts unsigned URLs")
    if "restrict_unnamed" in traits and text and not only_named(text):
        text = "The account restricts unnamed transformations"
        raise DeliveryError(400, "EINVALID", text)


def _version(services: Services, row: sqlite3.Row, version_id: str) -> sqlite3.Row:
    for version in services.library.versions(row["file_id"]):
        if version["version_id"] == version_id:
            return version
    raise not_found()


def _response(
    request: Request,
    row: sqlite3.Row,
    steps: list[Step],
    source: IO[bytes],
) -> Response:
    info = MediaInfo(
        mime=row["mime"],
        format=row["format"],
        size=row["size"],
        width=row["width"],
        height=row["height"],
        has_alpha=bool(row["has_alpha"]),
    )
    # An image that Pillow could not read at upload is delivered unchanged, but an
    # error if the URL asks for a transformation. HEIC is always transformed.
    unread = row["width"] is None and row["mime"] != HEIC
    as_stored = row["mime"] not in RASTER or (unread and not steps)
    if as_stored or wants_original(steps):
        return _stream(request, source, row["size"], row["mime"], row["blob"])
    accept = request.headers.get("Accept", "")
    etag = hashlib.sha256(f"{row['blob']} {steps} {accept}".encode()).hexdigest()[:32]
    if request.if_none_match.contains(etag):
        source.close()
        response = Response(status=304)
        response.set_etag(etag)
    else:
        response = _drawn(request, row, steps, source, info, etag)
    response.vary.add("Accept")
    return response


def _drawn(
    request: Request,
    row: sqlite3.Row,
    steps: list[Step],
    source: IO[bytes],
    info: MediaInfo,
    etag: str,
) -> Response:
    target = cast(IO[bytes], tempfile.SpooledTemporaryFile(SPOOL_BYTES))  # noqa: SIM115
    try:
        with source:
            mime = render(
                source,
                info,
                steps,
                target,
                accept=request.headers.get("Accept", ""),
                area=row["custom_coordinates"],
            )
    except BaseException:
        target.close()
        raise
    size = target.seek(0, 2)
    target.seek(0)
    return _stream(request, target, size, mime, etag)


def _stream(
    request: Request, file: IO[bytes], size: int, mime: str, etag: str
) -> Response:
    response = Response(
        wrap_file(request.environ, file), mimetype=mime, direct_passthrough=True
    )
    response.content_length = size
    response.set_etag(etag)
    return response
