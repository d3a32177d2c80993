"""JSON requests and answers."""

import json
import re
import uuid
from typing import Any

from werkzeug.wrappers import Request, Response

from imagekit_emulator.errors import ApiError

MAX_JSON_BYTES = 1024 * 1024
# The service has other limits for each endpoint; these are those of reads.
RATE_LIMIT = {
    "X-RateLimit-Limit": "100",
    "X-RateLimit-Interval": "1000",
    "X-RateLimit-Reset": "1000",
}


def answer(body: Any, status: int = 200) -> Response:
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, mimetype="application/json")


def no_content() -> Response:
    return Response(status=204)


def error_answer(error: ApiError) -> Response:
    return answer(error.body(), error.status)


def add_api_headers(response: Response, *, rate_limited: bool) -> None:
    """Add the request id, and the rate limit where one applies."""
    response.headers["x-ik-requestId"] = str(uuid.uuid4())
    if rate_limited:
        for name, value in RATE_LIMIT.items():
            response.headers.setdefault(name, value)


def read_object(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body of a request; 400 for other bodies."""
    request.max_content_length = MAX_JSON_BYTES
    body = parse_json(request.get_data(cache=True).decode("utf-8", "replace"))
    if not isinstance(body, dict):
        raise ApiError(400, "The request body is not a valid JSON object.")
    return body


def parse_json(text: str) -> Any:
    """Read JSON; 400 for NaN and lone surrogates too, which cannot be stored."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "Invalid JSON.") from error
    return value


def text_of(body: dict[str, Any], name: str) -> str:
    """Return a text of a body; 400 when it is missing, empty or not text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        reason = "MISSING_PARAMETER" if value in (None, "") else "INVALID_PARAMETER"
        raise ApiError(400, f"The {name} parameter is missing or invalid.", reason)
    return value


def flag_of(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise ApiError(
            400, f"The {name} parameter must be a boolean.", "INVALID_PARAMETER"
        )
    return value


def texts_of(body: dict[str, Any], name: str, limit: int) -> list[str]:
    """Return a list of a body; 400 unless it has 1 to `limit` texts."""
    values = body.get(name)
    if not isinstance(values, list) or not values:
        raise ApiError(400, f"The {name} parameter must be a non-empty array.")
    if not all(isinstance(value, str) and value for value in values):
        raise ApiError(400, f"The {name} parameter must hold texts only.")
    if len(values) > limit:
        raise ApiError(400, f"The {name} parameter holds more than {limit} values.")
    return values


def whole_number(text: str, name: str, low: int, high: int) -> int:
    """Read a number of a query; 400 unless it is whole and from `low` to `high`."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise ApiError(400, f"The {name} parameter must be {low} to {high}.")
    return int(text)
