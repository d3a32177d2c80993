"""The API of the account: purges of the CDN, and usage."""

import re

from werkzeug.wrappers import Request, Response

from imagekit_emulator.errors import ApiError
from imagekit_emulator.json_api import answer, read_object, text_of
from imagekit_emulator.services import Services


def purge(services: Services, request: Request) -> Response:
    url = text_of(read_object(request), "url")
    return answer({"requestId": services.purges.add(url)}, 201)


def purge_status(services: Services, request: Request, request_id: str) -> Response:
    return answer({"status": services.purges.poll(request_id)})


def usage(services: Services, request: Request) -> Response:
    """Answer the bytes in the library; traffic and extensions are not counted."""
    for name in ("startDate", "endDate"):
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", request.args.get(name, "")):
            raise ApiError(400, f"The {name} parameter must be YYYY-MM-DD.")
    with services.database.read() as connection:
        stored = connection.execute("SELECT ifnull(sum(size), 0) FROM assets")
        stored_bytes = stored.fetchone()[0]
    return answer(
        {
            "bandwidthBytes": 0,
            "mediaLibraryStorageBytes": stored_bytes,
            "videoProcessingUnitsCount": 0,
            "extensionUnitsCount": 0,
            "originalCacheStorageBytes": 0,
        }
    )
