"""Filters of the list of the caller's images."""

from datetime import UTC, datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django_filters.fields import IsoDateTimeField
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request
from rest_framework.views import APIView

from images.models import Image, Visibility


class MomentField(IsoDateTimeField):
    """Takes a date and time that can be converted to UTC.

    That fails for some in the years 1 and 9999.
    """

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise ValidationError("Enter a valid date/time.", "invalid") from error


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class ImageFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(
        method="by_text", label="Part of the caption or of the alt text"
    )
    visibility = django_filters.ChoiceFilter(choices=Visibility.choices)
    created_after = MomentFilter("created_at", "gt", label="Only later ones")
    created_before = MomentFilter("created_at", "lt", label="Only earlier ones")

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
    def is_set(cls, params: Any) -> bool:
        """Say whether the query parameters filter the list."""
        return any(params.get(name) for name in cls.base_filters)


class OwnFilterBackend(DjangoFilterBackend):
    """Builds the form of the filters only if the request has one of them."""

    def filter_queryset(self, request: Request, queryset: Any, view: APIView) -> Any:
        if not ImageFilter.is_set(request.query_params):
            return queryset
        return super().filter_queryset(request, queryset, view)
