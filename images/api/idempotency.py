"""`Idempotency-Key`: a request that is sent again is not carried out again.

This follows draft-ietf-httpapi-idempotency-key-header. What the answer is made of is
stored in the transaction that does the work. So it is stored if and only if the work is
done, even if the process dies. An answer about an image tells its state of now: the URL
of the first answer may have been withdrawn.
"""

import functools
import hashlib
import json
import math
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from images.models import IdempotencyKey, Image
from images.models.idempotency import KEPT_FOR, MOST_KEYS
from images.services.values import SavedImage

# After this time a request without an answer counts as dead, and the next request
# with its key may do the work.
_LEASE = timedelta(seconds=90)


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A new value for each operation. When a request is sent again with the "
    "same value, nothing is done twice: the answer tells the image as it is now, or is "
    "410 when the image is gone. A user can have 5,000 keys in 24 hours.",
)
_REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    {"type": "string", "const": "true"},
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="Present when the request was carried out before.",
)
IDEMPOTENCY = (IDEMPOTENCY_KEY, _REPLAYED)


_VALID_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class KeyReused(APIException):
    status_code = 422
    default_detail = "This Idempotency-Key was used with another request before."
    default_code = "idempotency_key_reused"


class KeyInUse(APIException):
    status_code = 409
    default_detail = "The first request with this Idempotency-Key is still running."
    default_code = "idempotency_key_in_use"
    wait = 5


class TooManyKeys(APIException):
    status_code = 429
    default_detail = "Too many requests with an Idempotency-Key in the last 24 hours."
    default_code = "too_many_idempotency_keys"

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.wait = wait


class ImageGone(APIException):
    status_code = 410
    default_detail = "The request was carried out, and its image was deleted later."
    default_code = "gone"


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Decorate a view's method so that it obeys the header.

    The method calls `keep_answer` or `keep_image` inside its transaction. The view's
    `replay(record)` makes the answer of a retry. Errors are not stored: the request may
    be tried again with the same key.
    """

    @functools.wraps(method)
    def run(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return method(view, request, *args, **kwargs)
        if not _VALID_KEY.fullmatch(key):
            raise ValidationError(
                "Idempotency-Key must be 1 to 200 visible ASCII characters.",
                "invalid_idempotency_key",
            )
        record = _claim(request, key)
        if record.status is not None:
            answer = view.replay(record)
            answer["Idempotent-Replayed"] = "true"
            return answer
        request.idempotency_record = record  # type: ignore[attr-defined]
        try:
            return method(view, request, *args, **kwargs)
        except Exception:
            _still_mine(record).delete()
            raise

    return run


def keep_answer(request: Request, answer: Response) -> None:
    """Store an answer that names no image; call this as `keep_image`."""
    body = json.loads(JSONRenderer().render(answer.data))
    _keep(request, status=answer.status_code, body=body, headers=dict(answer.items()))


def keep_image(request: Request, saved: SavedImage, status: int) -> None:
    """Store what a retry's answer about the image is made of.

    Call this in the transaction that does the work. Raises KeyInUse when this request
    took longer than its lease and another one has taken the key over. That rolls the
    work back, so it is done once.
    """
    duplicate = saved.duplicate_of and str(saved.duplicate_of)
    body = {"removed_metadata": saved.removed_metadata, "duplicate_of": duplicate}
    _keep(request, status=status, body=body, image_id=saved.image.pk)


def kept_image(record: IdempotencyKey, image: Image | None) -> SavedImage:
    """Return what `keep_image` has stored, with the image as it is now.

    Raises ImageGone if there is no image any more.
    """
    if image is None:
        raise ImageGone
    return SavedImage(image, **cast(dict[str, Any], record.body))


def _keep(request: Request, **columns: Any) -> None:
    record: IdempotencyKey | None = getattr(request, "idempotency_record", None)
    if record and not _still_mine(record).update(**columns):
        raise KeyInUse


def _claim(request: Request, key: str) -> IdempotencyKey:
    """Return the record of the key, for this request to use.

    It is new, has the answer to replay, or was left by a dead request. Raises
    KeyReused, KeyInUse and TooManyKeys.
    """
    user = cast(User, request.user)
    fingerprint = _fingerprint(request)
    now = timezone.now()
    mine = IdempotencyKey.objects.filter(user=user, key=key)
    mine.filter(created_at__lte=now - KEPT_FOR).delete()
    wait = _wait_for_room(user, now)
    if not wait:
        try:
            with transaction.atomic():
                return IdempotencyKey.objects.create(
                    user=user,
                    key=key,
                    fingerprint=fingerprint,
                    claimed_at=now,
                )
        except IntegrityError:
            pass
    record = mine.first()
    if record is None and wait:
        raise TooManyKeys(wait)
    if record is None:
        # The first request has just failed and deleted the record.
        raise KeyInUse
    if record.fingerprint != fingerprint:
        raise KeyReused
    if record.status is None:
        abandoned = record.claimed_at <= now - _LEASE
        if not abandoned or not _still_mine(record).update(claimed_at=now):
            raise KeyInUse
        record.claimed_at = now
    return record


def _wait_for_room(user: User, now: datetime) -> float:
    """Return in how many seconds the user may use another key; 0 if now."""
    live = IdempotencyKey.objects.filter(user=user, created_at__gt=now - KEPT_FOR)
    if not live[MOST_KEYS - 1 : MOST_KEYS].exists():
        return 0
    oldest = live.order_by("created_at").values_list("created_at", flat=True)[0]
    return max(1, math.ceil((oldest + KEPT_FOR - now).total_seconds()))


def _still_mine(record: IdempotencyKey) -> QuerySet[IdempotencyKey]:
    """Select the record, unless another request has answered or taken it over."""
    return IdempotencyKey.objects.filter(
        pk=record.pk, status=None, claimed_at=record.claimed_at
    )


def _fingerprint(request: Request) -> str:
    """Return a hash of the method, the path and the body."""
    body = request.data
    if hasattr(body, "lists"):
        body = {name: list(map(_fact, values)) for name, values in body.lists()}
    facts = json.dumps([request.method, request.path, body], sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()


def _fact(value: Any) -> Any:
    """Return the text of a field of a form, or the hash of a file."""
    if not hasattr(value, "chunks"):
        return value
    digest = hashlib.file_digest(value.open(), "sha256").hexdigest()
    value.seek(0)
    return {"sha256": digest}
