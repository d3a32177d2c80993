"""Receipts of deletions: whoever deleted can see how far the deletion is."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers

from images.outbox.models import RECEIPTS_KEPT_FOR, DeletionReceipt

_HEADER = "X-Deletion-ID"


def receipt_headers(receipt: DeletionReceipt | None) -> dict[str, str]:
    """Return what tells the client where to ask."""
    return {_HEADER: str(receipt.pk)} if receipt else {}


def deletion_id(status: int) -> OpenApiParameter:
    """Document the header in the answer with this status."""
    return OpenApiParameter(
        _HEADER,
        {"type": "string", "format": "uuid"},
        OpenApiParameter.HEADER,
        response=[status],
        description="Ask `/api/v1/deletions/{id}/` how far the deletion is. Missing "
        "where nothing was deleted.",
    )


class DeletionReceiptSerializer(serializers.ModelSerializer[DeletionReceipt]):
    class Meta:
        model = DeletionReceipt
        fields = ["row_removed", "file_deleted", "purge_requested", "purge_completed"]
        read_only_fields = fields
        extra_kwargs: dict[str, Any] = {
            "row_removed": {"help_text": "The image was gone from the database."},
            "file_deleted": {"help_text": "ImageKit had deleted the file."},
            "purge_requested": {
                "help_text": "The CDN was told to drop its copies. Stays null where "
                "this deletion purges none."
            },
            "purge_completed": {"help_text": "The CDN had dropped its copies."},
        }


@extend_schema(summary="How far a deletion is")
class DeletionReceiptView(generics.RetrieveAPIView[DeletionReceipt]):
    """The receipt of the caller's deletion, for 30 days.

    Times of what was done, null for what was not. After a bulk deletion they are
    those of the last file.
    """

    serializer_class = DeletionReceiptSerializer

    def get_queryset(self) -> QuerySet[DeletionReceipt]:
        return DeletionReceipt.objects.filter(
            user=self.request.user.pk,
            row_removed__gt=timezone.now() - RECEIPTS_KEPT_FOR,
        )
