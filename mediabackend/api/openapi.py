"""The OpenAPI document of a view: drf-spectacular's, with our headers and errors."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema as BaseAutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from mediabackend.api.documented_errors import (
    ERRORS,
    ErrorSerializer,
    possible_errors,
)

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

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def sort_key(endpoint: tuple[str, str, str, Any]) -> tuple[int, str, int]:
    """Sort short paths first: people need those first."""
    path, _, method, _ = endpoint
    return path.count("/"), path, _METHODS.index(method)


class AutoSchema(BaseAutoSchema):
    """Documents the operations of a view.

    - The part of an `operation_id` before the dot is its tag.
    - Errors come from the view's classes, see `possible_errors`. Others are listed in
      `error_statuses`: from the method or the action, in lower case, to status codes.
    - A view whose list has a page of its own shape gives it a name in `page_name`.
    - A serializer for requests and answers names its component for requests in
      `request_name`.
    """

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation = super().get_operation(*args, **kwargs)
        if operation is not None:
            # Linters ask for it where no sign-in is needed, too.
            operation.setdefault("security", [])
        return operation

    def get_auth(self) -> list[Any]:
        # drf-spectacular says that no token is needed; here none is looked at.
        return super().get_auth() if self.view.get_authenticators() else []

    def get_tags(self) -> list[str]:
        return [self.get_operation_id().partition(".")[0]]

    def get_paginated_name(self, serializer_name: str) -> str:
        name: str | None = getattr(self.view, "page_name", None)
        return name or super().get_paginated_name(serializer_name)

    def get_request_serializer(self) -> Any:
        # A DELETE has a body only if `extend_schema` gives it one.
        return None if self.method == "DELETE" else super().get_request_serializer()

    def _get_serializer_name(
        self, serializer: Any, direction: Any, bypass_extensions: bool = False
    ) -> str:
        name = super()._get_serializer_name(serializer, direction, bypass_extensions)
        if direction == "response":
            return name
        return getattr(serializer, "request_name", name.removesuffix("Request"))

    def _postprocess_serializer_schema(
        self, schema: Any, serializer: Any, direction: Any
    ) -> Any:
        """Require all fields of an answer; leave out marks that the name implies."""
        schema = super()._postprocess_serializer_schema(schema, serializer, direction)
        properties: dict[str, Any] = schema.get("properties", {})
        for name, described in properties.items():
            described.pop("readOnly", None)
            described.pop("writeOnly", None)
            if list(described) == ["allOf"]:
                [properties[name]] = described["allOf"]
        if direction == "response":
            schema["required"] = list(properties)
        return schema

    def _resolve_path_parameters(self, variables: Any) -> Any:
        parameters = super()._resolve_path_parameters(variables)
        for parameter in parameters:
            if parameter["name"] == "id":
                parameter["schema"] = {"type": "string", "format": "uuid"}
        return parameters

    def _get_request_body(self, direction: Any = "request") -> Any:
        if self.method != "DELETE":
            return super()._get_request_body(direction)
        if self.get_request_serializer() is None:
            return None
        # drf-spectacular knows no body of a DELETE, which OpenAPI 3.1 allows.
        self.method = "POST"
        try:
            return super()._get_request_body(direction)
        finally:
            self.method = "DELETE"

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        answers = super()._get_response_bodies(direction)
        own = getattr(self.view, "error_statuses", {})
        key = getattr(self.view, "action", None) or self.method.lower()
        statuses = possible_errors(self) | set(own.get(key, ()))
        if "400" in answers:
            # A view with a 400 of its own gives it for wrong media types too.
            statuses.discard("415")
        for status in statuses - set(answers):
            answers[status] = self._error(status)
        return dict(sorted(answers.items()))

    def _get_response_for_code(
        self, serializer: Any, status_code: str, *args: Any, **kwargs: Any
    ) -> Any:
        answer = super()._get_response_for_code(
            serializer, status_code, *args, **kwargs
        )
        phrase = HTTPStatus(int(status_code)).phrase
        answer["description"] = answer["description"] or f"{phrase}."
        return answer

    def _get_response_headers_for_code(
        self, status_code: str, direction: Any = "response"
    ) -> Any:
        headers = super()._get_response_headers_for_code(status_code, direction)
        return self._headers({**headers, **EVERY_ANSWER})

    def _headers(self, headers: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self._component(ResolvedComponent.HEADER, name, header)
            for name, header in headers.items()
        }

    def _error(self, status: str) -> dict[str, str]:
        error = ERRORS[status]
        body = self.resolve_serializer(ErrorSerializer, "response")
        names = {name: HEADERS[name] for name in error.headers}
        content = {"schema": body.ref, "example": error.example(status)}
        answer = {
            "description": error.description,
            "headers": self._headers({**names, **EVERY_ANSWER}),
            "content": {"application/json": content},
        }
        return self._component(ResolvedComponent.RESPONSE, error.name, answer)

    def _component(self, kind: str, name: str, content: Any) -> dict[str, str]:
        """Add the component to the document; return a reference to it."""
        component = ResolvedComponent(name, kind, content, object=name)
        self.registry.register_on_missing(component)
        return component.ref
