"""What the OpenAPI document needs beyond what the views say."""

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

    A view names the ones that only its own work brings in `error_statuses`:
    a dictionary from the method to status codes. One schema serves all 400s:
    which codes a field can have is for the field's description.

    Where one kind of thing is listed in more than one shape of page, a view gives
    its own a name in `page_name`.
    """

    def get_paginated_name(self, serializer_name: str) -> str:
        name: str | None = getattr(self.view, "page_name", None)
        return name or super().get_paginated_name(serializer_name)

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        if direction == "request" and field.read_only:
            # Nothing to be sent. What is nested would get a component for it.
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
    code = serializers.CharField(help_text="For programs; does not change.")
    detail = serializers.CharField(help_text="For people; may change.")
    attr = serializers.CharField(
        allow_null=True, help_text="The field that the error is about."
    )


class BadRequestSerializer(serializers.Serializer[Any]):
    """A field is wrong, or the body cannot be read at all."""

    type = serializers.ChoiceField(
        choices=[*ValidationErrorEnum.choices, *ClientErrorEnum.choices]
    )
    errors = ErrorDetailSerializer(many=True)  # type: ignore[assignment]


class ClientErrorSerializer(serializers.Serializer[Any]):
    """The request cannot be carried out as it is. With a 429 see `Retry-After`."""

    type = serializers.ChoiceField(choices=ClientErrorEnum.choices)
    errors = ErrorDetailSerializer(many=True)  # type: ignore[assignment]


class ServerErrorSerializer(serializers.Serializer[Any]):
    """The request was fine. With a 503 see `Retry-After`."""

    type = serializers.ChoiceField(choices=ServerErrorEnum.choices)
    errors = ErrorDetailSerializer(many=True)  # type: ignore[assignment]
