"""`Idempotency-Key`: a request that is sent again is not carried out again.

This follows draft-ietf-httpapi-idempotency-key-header. The first answer is stored in
the transaction that does the work. So it is stored if and only if the work is done,
even if the process dies.
"""

import functools
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
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
from images.models import IdempotencyKey
from images.models.idempotency import KEPT_FOR

# After this time a request without an answer counts as dead, and the next request
# with its key may do the work.
_LEASE = timedelta(seconds=90)


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="A new value for each operation. When a request is sent again with the "
    "same value, it gets the first answer, and nothing is done twice.",
)


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


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Decorate a view's method so that it obeys the header.

    The method calls `keep_answer` inside its transaction. Errors are not stored: the
    request may be tried again with the same key.
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
            headers = {**record.headers, "Idempotent-Replayed": "true"}
            return Response(record.body, record.status, headers=headers)
        request.idempotency_record = record  # type: ignore[attr-defined]
        try:
            return method(view, request, *args, **kwargs)
        except Exception:
            _still_mine(record).delete()
            raise

    return run


def keep_answer(request: Request, answer: Response) -> None:
    """Store the answer for a retry; call this in the transaction that does the work.

    Raises KeyInUse when this request took longer than its lease and another one has
    taken the key over. That rolls the work back, so it is done once.
    """
    record: IdempotencyKey | None = getattr(request, "idempotency_record", None)
    if record is None:
        return
    body = json.loads(JSONRenderer().render(answer.data))
    headers = dict(answer.items())
    if not _still_mine(record).update(
        status=answer.status_code, body=body, headers=headers
    ):
        raise KeyInUse


def _claim(request: Request, key: str) -> IdempotencyKey:
    """Return the record of the key, for this request to use.

    It is new, has the answer to replay, or was left by a dead request. Raises
    KeyReused and KeyInUse.
    """
    user = cast(User, request.user)
    fingerprint = _fingerprint(request)
    now = timezone.now()
    mine = IdempotencyKey.objects.filter(user=user, key=key)
    mine.filter(created_at__lte=now - KEPT_FOR).delete()
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


def _still_mine(record: IdempotencyKey) -> QuerySet[IdempotencyKey]:
    """Select the record, unless another request has answered or taken it over."""
    return IdempotencyKey.objects.filter(
        pk=record.pk, status=None, claimed_at=record.claimed_at
    )


def _fingerprint(request: Request) -> str:
    """Return a hash of the method, the path and the body."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if not hasattr(request.data, "lists"):
        digest.update(json.dumps(request.data, sort_keys=True).encode())
        return digest.hexdigest()
    for name, values in sorted(request.data.lists()):
        for value in values:
            digest.update(json.dumps(name).encode())
            if hasattr(value, "chunks"):
                for chunk in value.chunks():
                    digest.update(hashlib.sha256(chunk).digest())
                value.seek(0)
            else:
                digest.update(json.dumps(value).encode())
    return digest.hexdigest()
