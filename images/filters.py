"""Filters of the list of one's own images."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet

from images.models import Image, Visibility


class ImageFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(
        method="by_text", label="Part of the caption or of the alt text"
    )
    visibility = django_filters.ChoiceFilter(choices=Visibility.choices)
    created_after = django_filters.IsoDateTimeFilter("created_at", "gt")
    created_before = django_filters.IsoDateTimeFilter("created_at", "lt")

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
        """Say whether the query parameters restrict the list at all."""
        return any(params.get(name) for name in cls.base_filters)
