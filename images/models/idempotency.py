"""The model of requests with an idempotency key."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# An answer is kept for retries for this time.
KEPT_FOR = timedelta(hours=24)


class IdempotencyKey(models.Model):
    """A request that carried an `Idempotency-Key`, and its first answer."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    claimed_at = models.DateTimeField()
    # Null while the request runs.
    status = models.PositiveSmallIntegerField(null=True)
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
