"""What the project as a whole keeps in the database."""

from django.db import models


class Counter(models.Model):
    """How often something happened in a window of time; see `counters`."""

    key = models.CharField(primary_key=True, max_length=200)
    number = models.PositiveIntegerField()
    # In milliseconds since 1970: the same on every database, in plain SQL.
    ends_at = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key}: {self.number}"
