"""Pagination of the caller's images."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from images.api.filters import ImageFilter
from mediabackend.api.pagination import KeysetPagination

# Counting goes no further when a filter is set.
MAX_COUNT = 10_000


class OwnImagesPagination(KeysetPagination):
    """Adds `count`: the user's counter, or a COUNT query when a filter is set."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        page = super().paginate_queryset(queryset, request, view)
        if ImageFilter.is_set(request.query_params):
            self.count = queryset.order_by()[:MAX_COUNT].count()
        else:
            # Authentication has read it with the user.
            self.count = cast(User, request.user).item_count
        return page

    def get_paginated_response(self, data: Any) -> Response:
        answer = {
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
            "count": self.count,
            "results": data,
        }
        return Response(answer)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        described["properties"]["count"] = {
            "type": "integer",
            "description": "With a filter, it stops at 10,000: so many, or more.",
        }
        described["required"].append("count")
        return described
