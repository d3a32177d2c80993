"""Delete rows that are no longer needed."""

from django.utils import timezone

from images.models import IdempotencyKey, UploadTicket, WebhookMessage, idempotency
from images.models.tickets import KEPT_FOR as TICKETS_KEPT_FOR
from images.outbox.models import RECEIPTS_KEPT_FOR, DeletionReceipt


def forget_old_keys() -> int:
    """Delete the idempotency keys that are older than a day; returns how many."""
    end = timezone.now() - idempotency.KEPT_FOR
    return IdempotencyKey.objects.filter(created_at__lte=end).delete()[0]


def forget_old_receipts() -> int:
    """Delete the receipts that are older than 30 days; returns how many."""
    end = timezone.now() - RECEIPTS_KEPT_FOR
    return DeletionReceipt.objects.filter(row_removed__lte=end).delete()[0]


def forget_old_tickets() -> int:
    """Delete upload tickets and webhook messages older than a day; returns how many."""
    end = timezone.now() - TICKETS_KEPT_FOR
    tickets = UploadTicket.objects.filter(expires_at__lte=end).delete()[0]
    return tickets + WebhookMessage.objects.filter(received_at__lte=end).delete()[0]
