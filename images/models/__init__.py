"""The models of the app, including those of the outbox."""

from images.models.choices import Format, State, Visibility
from images.models.idempotency import IdempotencyKey
from images.models.image import FILE_ID, Image, image_path, storage_for
from images.models.imports import ImportedRow
from images.models.moderation import (
    REPORT_REASONS,
    RESEMBLES_REMOVED,
    Action,
    Decision,
    OwnerNotice,
    RemovedPicture,
    Report,
    Violation,
)
from images.models.tickets import UploadTicket, WebhookMessage
from images.outbox.models import DeletionReceipt, PendingDeletion, PurgeCount

__all__ = [
    "FILE_ID",
    "REPORT_REASONS",
    "RESEMBLES_REMOVED",
    "Action",
    "Decision",
    "DeletionReceipt",
    "Format",
    "IdempotencyKey",
    "Image",
    "ImportedRow",
    "OwnerNotice",
    "PendingDeletion",
    "PurgeCount",
    "RemovedPicture",
    "Report",
    "State",
    "UploadTicket",
    "Violation",
    "Visibility",
    "WebhookMessage",
    "image_path",
    "storage_for",
]
