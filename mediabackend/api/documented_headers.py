"""Headers of requests and answers, for the OpenAPI document."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

# The headers of error answers.
HEADERS: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "The id of the request in the logs. A well-formed one of the "
        "caller is kept.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "The number of seconds after which to try again.",
        "schema": {"type": "integer"},
    },
    "WWW-Authenticate": {
        "description": "The way to sign in: `Bearer`.",
        "schema": {"type": "string"},
    },
}
EVERY_ANSWER = {"X-Request-ID": HEADERS["X-Request-ID"]}

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The image's ETag. If the image has changed since, the request does "
    "nothing, and the answer is 412.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="An ETag from an earlier answer to the same URL. If nothing has "
    "changed since, the answer is 304.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 201, 304],
    description="The state of the answer, for `If-None-Match` and `If-Match`.",
)
LOCATION = OpenApiParameter(
    "Location",
    OpenApiTypes.URI,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="The URL of the image in this API.",
)
NOT_MODIFIED = OpenApiResponse(description="Nothing has changed.")
