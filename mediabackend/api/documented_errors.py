"""Error answers, for the OpenAPI document: each once, and which a view can give."""

from typing import Any, NamedTuple

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny, IsAuthenticated

ERROR_TYPES = ["validation_error", "client_error", "server_error"]


class ErrorDetailSerializer(serializers.Serializer[Any]):
    """One thing that is wrong."""

    code = serializers.CharField(
        help_text="The error's code, for programs. It does not change."
    )
    detail = serializers.CharField(help_text="A text for people. It may change.")
    attr = serializers.CharField(
        allow_null=True, help_text="The field that is wrong, or null."
    )


class ErrorSerializer(serializers.Serializer[Any]):
    """Why the request was not carried out."""

    type = serializers.ChoiceField(choices=ERROR_TYPES)
    errors = ErrorDetailSerializer(many=True)  # type: ignore[assignment]


class DocumentedError(NamedTuple):
    """An error answer, with a code and a text for its example."""

    name: str
    description: str
    code: str
    detail: str
    attr: str | None = None
    headers: tuple[str, ...] = ()

    def example(self, status: str) -> dict[str, Any]:
        error = {"code": self.code, "detail": self.detail, "attr": self.attr}
        other = "server_error" if status >= "500" else "client_error"
        kind = "validation_error" if self.attr else other
        return {"type": kind, "errors": [error]}


_WAIT = ("Retry-After",)
ERRORS = {
    "400": DocumentedError(
        "BadRequest",
        "A field or header is wrong, or the body cannot be read.",
        "required",
        "This field is required.",
        attr="file",
    ),
    "401": DocumentedError(
        "Unauthorized",
        "There are no credentials, or they do not work (any more).",
        "not_authenticated",
        "Authentication credentials were not provided.",
        headers=("WWW-Authenticate",),
    ),
    "403": DocumentedError(
        "Forbidden",
        "The caller may not do this.",
        "quota_exceeded",
        "The image does not fit into your storage quota.",
    ),
    "404": DocumentedError(
        "NotFound", "There is no such thing for the caller.", "not_found", "Not found."
    ),
    "406": DocumentedError(
        "NotAcceptable",
        "`Accept` allows no type that this URL has.",
        "not_acceptable",
        "Could not satisfy the request Accept header.",
    ),
    "409": DocumentedError(
        "Conflict",
        "Another request is in the way, or the file is missing.",
        "conflict",
        "The image was changed by another request. Try again.",
        headers=_WAIT,
    ),
    "410": DocumentedError(
        "Gone",
        "The image was deleted, or the ticket is too old.",
        "gone",
        "The request was carried out, and its image was deleted later.",
    ),
    "411": DocumentedError(
        "LengthRequired",
        "The body has no `Content-Length`.",
        "length_required",
        "A Content-Length is required.",
    ),
    "412": DocumentedError(
        "PreconditionFailed",
        "The image has changed since the state that `If-Match` names.",
        "precondition_failed",
        "The image has changed since you read it. Read it again.",
    ),
    "413": DocumentedError(
        "ContentTooLarge",
        "The body or the file has too many bytes.",
        "file_too_large",
        "The upload is larger than the limit of 20000000 bytes.",
    ),
    "415": DocumentedError(
        "UnsupportedMediaType",
        "The body's `Content-Type` is not one that this operation takes.",
        "unsupported_media_type",
        'Unsupported media type "text/plain" in request.',
    ),
    "422": DocumentedError(
        "IdempotencyKeyReused",
        "The `Idempotency-Key` was used with another request.",
        "idempotency_key_reused",
        "This Idempotency-Key was used with another request before.",
    ),
    "429": DocumentedError(
        "TooManyRequests",
        "There were too many requests, or too many wrong passwords.",
        "throttled",
        "Request was throttled. Expected available in 42 seconds.",
        headers=_WAIT,
    ),
    "451": DocumentedError(
        "RemovedContent",
        "The moderators have removed this picture before.",
        "removed_content",
        "The moderators have removed this picture before.",
    ),
    "502": DocumentedError(
        "BadGateway",
        "ImageKit refused the request.",
        "storage_rejected",
        "The image storage refused the request.",
    ),
    "503": DocumentedError(
        "ServiceUnavailable",
        "The database or ImageKit does not answer, or there is too much to do.",
        "storage_unavailable",
        "The image storage does not answer. Try again soon.",
        headers=_WAIT,
    ),
    "507": DocumentedError(
        "InsufficientStorage",
        "The server's disk is full.",
        "server_full",
        "The server has no room for this right now. Try again later.",
        headers=_WAIT,
    ),
}


def possible_errors(schema: AutoSchema) -> set[str]:
    """Return the statuses that the view's classes and parameters bring with them."""
    view: Any = schema.view
    found = {"503"}
    if isinstance(view.get_content_negotiator(), DefaultContentNegotiation):
        found.add("406")
    if any(schema.get_auth()):
        found.add("401")
    if any(
        type(permission) not in (AllowAny, IsAuthenticated)
        for permission in view.get_permissions()
    ):
        found.add("403")
    if "{" in schema.path or schema._get_pagination_parameters():
        found.add("404")
    if schema._get_filter_parameters():
        found.add("400")
    if any(throttle.covers(schema.method, view) for throttle in view.get_throttles()):
        found.add("429")
    return found | _errors_of_body(schema) | _errors_of_headers(schema)


def _errors_of_body(schema: AutoSchema) -> set[str]:
    body: Any = schema._get_request_body()
    if not body:
        return set()
    found = {"400", "411", "413", "415"}
    return found | {"507"} if "multipart/form-data" in body["content"] else found


def _errors_of_headers(schema: AutoSchema) -> set[str]:
    names = {
        parameter.name
        for parameter in schema.get_override_parameters()
        if isinstance(parameter, OpenApiParameter) and not parameter.response
    }
    found = {"412"} if "If-Match" in names else set()
    return found | {"409", "422"} if "Idempotency-Key" in names else found
