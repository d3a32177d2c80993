"""Receipts of deletions, which tell the progress of a deletion."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers

from images.outbox.models import RECEIPTS_KEPT_FOR, DeletionReceipt, PendingDeletion

_HEADER = "X-Deletion-ID"


def receipt_headers(receipt: DeletionReceipt | None) -> dict[str, str]:
    """Return the header that names the receipt."""
    return {_HEADER: str(receipt.pk)} if receipt else {}


def deletion_id(status: int) -> OpenApiParameter:
    """Document the header in the answer with this status."""
    return OpenApiParameter(
        _HEADER,
        {"type": "string", "format": "uuid"},
        OpenApiParameter.HEADER,
        response=[status],
        description="The id of the deletion. `/api/v1/deletions/{id}/` tells its "
        "progress. Missing when nothing was deleted.",
    )


class DeletionReceiptSerializer(serializers.ModelSerializer[DeletionReceipt]):
    """The progress of a deletion."""

    purge_waits = serializers.SerializerMethodField(
        help_text="Whether a purge waits, because this month's budget is spent."
    )

    class Meta:
        model = DeletionReceipt
        fields = [
            "row_removed",
            "file_deleted",
            "purge_requested",
            "purge_completed",
            "purge_waits",
        ]
        read_only_fields = fields
        extra_kwargs: dict[str, Any] = {
            "row_removed": {
                "help_text": "When the image was removed from the database."
            },
            "file_deleted": {"help_text": "When ImageKit deleted the file."},
            "purge_requested": {
                "help_text": "When the CDN was told to drop its copies. Stays null if "
                "the deletion does not purge any."
            },
            "purge_completed": {"help_text": "When the CDN had dropped its copies."},
        }

    def get_purge_waits(self, receipt: DeletionReceipt) -> bool:
        return PendingDeletion.objects.filter(
            receipt=receipt.pk, purge_waits=True
        ).exists()


@extend_schema_view(
    get=extend_schema(
        operation_id="images.getDeletion", summary="Get the progress of a deletion"
    )
)
class DeletionReceiptView(generics.RetrieveAPIView[DeletionReceipt]):
    """The receipt of a deletion that the caller made, kept for 30 days.

    `purge_waits` is true or false. Each other field is the time at which a step was
    done, or null. After a bulk deletion it is the time at which the step was done for
    the last file.
    """

    serializer_class = DeletionReceiptSerializer

    def get_queryset(self) -> QuerySet[DeletionReceipt]:
        return DeletionReceipt.objects.filter(
            user=self.request.user.pk,
            row_removed__gt=timezone.now() - RECEIPTS_KEPT_FOR,
        )
