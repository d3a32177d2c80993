"""The model of requests with an idempotency key."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# An answer is kept for retries for this time.
KEPT_FOR = timedelta(hours=24)
# The keys of one user that are kept. A few requests at once may exceed it.
MOST_KEYS = 5000


class IdempotencyKey(models.Model):
    """A request that carried an `Idempotency-Key`, and what its answer is made of.

    The answer about an image is made anew for each retry, so no URL is stored: the
    image may have become private or been deleted meanwhile. `body` then has the facts
    about its upload only.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    claimed_at = models.DateTimeField()
    # Null while the request runs.
    status = models.PositiveSmallIntegerField(null=True)
    # Without a constraint: a retry has to find that the image is gone.
    image_id = models.UUIDField(null=True)
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="idempotency_key_unique"
            )
        ]

    def __str__(self) -> str:
        return self.key
