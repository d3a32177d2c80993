"""Access for the pages of other sites (CORS)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from werkzeug.wrappers import Request, Response

from imagekit_emulator.config import EmulatorConfig
from imagekit_emulator.errors import ApiError

# The methods that pages of other sites may use, by the area of a route. An area
# that is missing here is closed to them.
OPEN_METHODS = {"cdn": "GET, HEAD", "upload": "POST"}


def cors_headers(area: str) -> Mapping[str, str]:
    """Return the headers that let a page read an answer; none for a closed area."""
    return {"Access-Control-Allow-Origin": "*"} if area in OPEN_METHODS else {}


def answer_preflight(area: str) -> Response:
    """Tell a browser which requests a page of another site may send."""
    _require_open(area)
    response = Response(status=204, headers=cors_headers(area))
    response.headers["Access-Control-Allow-Methods"] = OPEN_METHODS[area]
    response.headers["Access-Control-Allow-Headers"] = "*"
    response.headers["Access-Control-Max-Age"] = "3600"
    return response


def refuse_foreign_page(config: EmulatorConfig, request: Request, area: str) -> None:
    """Refuse requests that pages of other sites must not send.

    The private key of a laptop is no secret: it is the same everywhere. So any page
    that a developer opens could use the management API, or upload without a ticket.
    """
    origin = request.headers.get("Origin")
    if origin is None or origin == _own_origin(config, request):
        return
    _require_open(area)
    if "Authorization" in request.headers:
        raise ApiError(
            403, "A page of another site may upload with a token or a signature only."
        )


def _require_open(area: str) -> None:
    if area not in OPEN_METHODS:
        raise ApiError(403, "The management API is closed to pages of other sites.")


def _own_origin(config: EmulatorConfig, request: Request) -> str:
    """Return the origin that the emulator is reached at.

    Where it has a port of its own, the configuration decides and not the request,
    whose host a stranger can choose by the DNS. Below a Django site the setting
    ALLOWED_HOSTS has checked the host.
    """
    endpoint = urlsplit(config.url_endpoint)
    if endpoint.netloc:
        return f"{endpoint.scheme}://{endpoint.netloc}"
    return request.host_url.rstrip("/")
