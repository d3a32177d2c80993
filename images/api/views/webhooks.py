"""Webhook messages from ImageKit: `POST /webhooks/imagekit/`.

They are signed by https://www.standardwebhooks.com/, see
https://imagekit.io/docs/webhooks. Messages may come late, twice and in any order, so
handling one again must do no harm.
"""

import logging
import re
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from images.imagekit.aliases import imagekit_storage
from images.imagekit.client import get_clients
from images.imagekit.errors import StorageError
from images.models import FILE_ID, Image, UploadTicket, WebhookMessage
from images.reconciliation.repairs import mark_missing
from images.services.arrivals import FileRefused, UnknownFile
from images.services.direct_upload import TicketExpired, TicketUsed, complete_ticket
from images.services.quota import OwnerGone, QuotaExceeded
from mediabackend.api.parsers import parse_json

logger = logging.getLogger("images.webhooks")

_LONGEST_ID = 200
# The escape, after an even number of backslashes. JSON has no other form of a NUL.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_FINAL = (
    FileRefused,
    OwnerGone,
    QuotaExceeded,
    TicketExpired,
    TicketUsed,
    UnknownFile,
)


@csrf_exempt
@require_POST
def imagekit_webhook(request: HttpRequest) -> HttpResponse:
    """Handle a message. ImageKit sends it again unless the answer is a 2xx."""
    if not settings.IMAGEKIT_WEBHOOK_SECRET:
        raise Http404
    try:
        body = request.body
    except RequestDataTooBig:
        return _answer(413, "The message is too large.")
    event = _verified(request, body)
    if event is None:
        return _answer(400, "The message has no valid signature of ImageKit.")
    message_id = request.headers["webhook-id"]
    kind = str(event.get("type"))
    if WebhookMessage.objects.filter(pk=message_id).exists():
        logger.info("webhook %s: repeated", kind, extra={"message_id": message_id})
        return _answer(200, "Repeated.")
    data = event.get("data")
    data = data if isinstance(data, dict) else {}
    try:
        if kind == "file.created":
            _file_created(data)
        elif kind == "file.deleted":
            _file_deleted(data)
        else:
            logger.info("webhook %s: ignored", kind, extra={"message_id": message_id})
    except StorageError as error:
        logger.warning("webhook %s: %s", kind, error)
        return _answer(503, "ImageKit does not answer. Send the message again.")
    # After the work, so that ImageKit sends the message again after a crash.
    WebhookMessage.objects.bulk_create(
        [WebhookMessage(pk=message_id)], ignore_conflicts=True
    )
    return _answer(200, "Done.")


def _verified(request: HttpRequest, body: bytes) -> dict[str, Any] | None:
    """Return the message, or None without a valid signature of the last minutes."""
    # Imported here because it is slow to load.
    from standardwebhooks import WebhookVerificationError

    client = get_clients(imagekit_storage().client_options).imagekit
    try:
        text = body.decode()
        # Compares in constant time, and refuses messages older than five minutes. The
        # key is the whole secret, with "whsec_".
        client.webhooks.unwrap(
            text, headers=request.headers, key=settings.IMAGEKIT_WEBHOOK_SECRET
        )
        event = parse_json(text)
    # ValueError: the message is not UTF-8, base64 or strict JSON.
    except (WebhookVerificationError, ValueError, RecursionError) as error:
        logger.warning("webhook refused: %s", error)
        return None
    message_id = request.headers["webhook-id"]
    if not isinstance(event, dict) or len(message_id) > _LONGEST_ID:
        return None
    # No column of PostgreSQL can hold or be compared with a NUL.
    if "\0" in message_id or _NUL.search(text):
        logger.warning("webhook refused: it has a NUL character")
        return None
    return event


def _file_created(data: dict[str, Any]) -> None:
    """Complete the ticket of the file, in case that its client has gone."""
    path, file_id = data.get("filePath"), data.get("fileId")
    storage = imagekit_storage()
    if not (isinstance(path, str) and storage.is_inside(path)):
        return
    # Files that were uploaded through this server have no ticket.
    ticket = UploadTicket.objects.filter(path=storage.local_path(path)).first()
    if ticket is None or not isinstance(file_id, str):
        return
    try:
        complete_ticket(ticket=ticket, file_id=file_id)
    except _FINAL as error:
        # Another try could not succeed.
        logger.warning("webhook file.created: %s: %r", path, error)
    except Image.DoesNotExist:
        logger.info("webhook file.created: %s: deleted meanwhile", path)


def _file_deleted(data: dict[str, Any]) -> None:
    """Mark the image whose file somebody deleted at ImageKit."""
    file_id = str(data.get("fileId"))
    images: Any = Image.objects.annotate(remote_id=FILE_ID)
    missing = images.filter(remote_id=file_id, missing_since=None)
    if mark_missing(missing, timezone.now()):
        logger.warning("webhook file.deleted: %s is the file of an image", file_id)


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
