from django.utils import timezone

from images.api.idempotency import KEPT_FOR as _KEYS_KEPT_FOR
from images.api.views.receipts import _KEPT_FOR
from images.models import IdempotencyKey, UploadTicket, WebhookMessage
from images.models.tickets import KEPT_FOR
from images.outbox.models import DeletionReceipt


def forget_old_keys() -> int:
    """Delete the keys that are older than a day; returns how many."""
    old = IdempotencyKey.objects.filter(created_at__lte=timezone.now() - KEPT_FOR)
    return old.delete()[0]


def forget_old_receipts() -> int:
    """Delete the receipts that are older than 30 days; returns how many."""
    old = DeletionReceipt.objects.filter(row_removed__lte=timezone.now() - _KEPT_FOR)
    return old.delete()[0]


def forget_old_tickets() -> int:
    """Delete tickets and messages that nobody asks for any more; returns how many."""
    old = timezone.now() - KEPT_FOR
    tickets = UploadTicket.objects.filter(expires_at__lte=old).delete()[0]
    return tickets + WebhookMessage.objects.filter(received_at__lte=old).delete()[0]
