"""The parts of the OpenAPI document that do not come from the views."""

from collections.abc import Sequence
from typing import Any, cast

from drf_standardized_errors.openapi import AutoSchema as BaseAutoSchema
from drf_standardized_errors.openapi_serializers import (
    ClientErrorEnum,
    ServerErrorEnum,
    ValidationErrorEnum,
)
from rest_framework import serializers

from mediabackend.api.throttles import Throttle


class AutoSchema(BaseAutoSchema):
    """Documents every error that an operation can answer.

    A view lists its own statuses in `error_statuses`, a dictionary from the method to
    status codes. All 400s have one schema, without the codes of each field.

    When one serializer is listed in two shapes of page, a view names its shape in
    `page_name`.
    """

    def get_paginated_name(self, serializer_name: str) -> str:
        name: str | None = getattr(self.view, "page_name", None)
        return name or super().get_paginated_name(serializer_name)

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        if direction == "request" and field.read_only:
            # Clients do not send it. A nested one would get a component for requests.
            return None
        return super()._map_serializer_field(field, direction, bypass_extensions)

    def _should_add_error_response(
        self, responses: dict[str, Any], status_code: str
    ) -> bool:
        if status_code in self._own_error_statuses():
            return status_code not in responses
        return super()._should_add_error_response(responses, status_code)

    def _own_error_statuses(self) -> Sequence[str]:
        statuses: dict[str, Sequence[str]] = getattr(self.view, "error_statuses", {})
        return statuses.get(self.method, ())

    def _get_allowed_error_status_codes(self) -> list[str]:
        codes = super()._get_allowed_error_status_codes()
        if self.method in ("POST", "PUT", "PATCH"):
            codes.append("413")
        return codes + list(self._own_error_statuses())

    def _should_add_http429_error_response(self) -> bool:
        return any(
            throttle.covers(self.method, self.view)
            for throttle in cast(list[Throttle], self.view.get_throttles())
        )


class ErrorDetailSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(
        help_text="The error's code, for programs. It does not change."
    )
    detail = serializers.CharField(help_text="A text for people. It may change.")
    attr = serializers.CharField(
        allow_null=True, help_text="The field that is wrong, or null."
    )


class BadRequestSerializer(serializers.Serializer[Any]):
    """A field is wrong, or the body cannot be read."""

    type = serializers.ChoiceField(
        choices=[*ValidationErrorEnum.choices, *ClientErrorEnum.choices]
    )
    errors = ErrorDetailSerializer(many=True)  # type: ignore[assignment]


class ClientErrorSerializer(serializers.Serializer[Any]):
    """The request cannot be carried out. With a 429, wait for `Retry-After` seconds."""

    type = serializers.ChoiceField(choices=ClientErrorEnum.choices)
    errors = ErrorDetailSerializer(many=True)  # type: ignore[assignment]


class ServerErrorSerializer(serializers.Serializer[Any]):
    """The server failed. With a 503, wait for `Retry-After` seconds."""

    type = serializers.ChoiceField(choices=ServerErrorEnum.choices)
    errors = ErrorDetailSerializer(many=True)  # type: ignore[assignment]
