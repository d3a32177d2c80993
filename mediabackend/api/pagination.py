"""Keyset pagination: a page costs the same at any depth."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView


class KeysetPagination(CursorPagination):
    """Newest first, by a UUIDv7 primary key, which is unique and time-ordered."""

    ordering = "-id"
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except ValidationError as error:
            # A forged cursor can name a position that is not a UUID.
            raise NotFound(self.invalid_cursor_message) from error

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                limits = {"minimum": 1, "maximum": self.max_page_size}
                parameter["schema"] |= {**limits, "default": self.page_size}
        return parameters

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        described["required"] = ["next", "previous", "results"]
        link = {"type": ["string", "null"], "format": "uri"}
        described["properties"] |= {"next": link, "previous": link.copy()}
        return described
