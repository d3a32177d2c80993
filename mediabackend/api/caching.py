"""Caching of public lists (RFC 9110, section 13, and RFC 9111)."""

import hashlib
from typing import Any

import orjson
from django.http import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response


def revalidated(request: Request, response: Response) -> HttpResponseBase:
    """Return `response` with an ETag of its data, or a 304 to a client that has it.

    Caches ask again before each use, so that a deleted image disappears at once. They
    may share the answers to visitors who are not signed in. Pages of the browsable API
    show who is signed in, so they have no ETag.
    """
    is_json = request.accepted_renderer.format == "json"
    shared = is_json and not request.user.is_authenticated
    response["Cache-Control"] = "no-cache" if shared else "private, no-cache"
    if not is_json:
        return response
    response["ETag"] = tag = content_etag(response.data)
    return get_conditional_response(request._request, tag, None, response) or response


def content_etag(data: Any) -> str:
    """Return the ETag of an answer with these data."""
    return etag_of(orjson.dumps(data))


def etag_of(content: bytes) -> str:
    """Return a strong ETag of the bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
