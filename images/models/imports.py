"""The model of rows that were imported from kit-backend."""

from django.db import models


class ImportedRow(models.Model):
    """A user or image of kit-backend that was imported.

    It is kept after the user or image is deleted here, so that no later import brings
    it back.
    """

    # The key of the user or image here.
    id = models.UUIDField(primary_key=True)
    source = models.CharField(
        max_length=60, unique=True, help_text="For example `users/12` or `images/99`."
    )

    def __str__(self) -> str:
        return self.source
