"""Filters and pages of the list of the caller's images."""

from datetime import UTC, datetime
from typing import Any, cast

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from images.api.image_rows import ImagePages
from images.models import Image, Visibility
from mediabackend.api.pagination import KeysetPagination

# Counting goes no further when a filter is set.
MAX_COUNT = 10_000


def _check_moment(moment: datetime) -> None:
    """Refuse a time of the years 1 or 9999 that has no equivalent in UTC."""
    try:
        moment.astimezone(UTC)
    except OverflowError as error:
        raise ValidationError("Enter a valid date/time.", "invalid") from error


class ImageFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(
        method="by_text", label="Part of the caption or of the alt text"
    )
    visibility = django_filters.ChoiceFilter(choices=Visibility.choices)
    created_after = django_filters.IsoDateTimeFilter(
        "created_at", "gt", label="Only later ones", validators=[_check_moment]
    )
    created_before = django_filters.IsoDateTimeFilter(
        "created_at", "lt", label="Only earlier ones", validators=[_check_moment]
    )

    class Meta:
        model = Image
        fields: list[str] = []

    def by_text(
        self, queryset: QuerySet[Image], name: str, value: str
    ) -> QuerySet[Image]:
        return queryset.filter(
            Q(caption__icontains=value) | Q(alt_text__icontains=value)
        )

    @classmethod
    def is_set(cls, request: Request) -> bool:
        """Say whether the query parameters filter the list."""
        return any(request.query_params.get(name) for name in cls.base_filters)


class OwnImagesPagination(KeysetPagination):
    """Adds `count`: the user's counter, or a COUNT query when a filter is set."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        page = super().paginate_queryset(queryset, request, view)
        if isinstance(queryset, ImagePages):
            # No filter is set. Authentication has read it with the user.
            self.count = cast(User, request.user).item_count
        else:
            self.count = queryset.order_by()[:MAX_COUNT].count()
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
