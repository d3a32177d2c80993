"""Mails that were sent, for the limits on them."""

from django.db import models

from accounts.email_field import MAX_EMAIL_LENGTH


class SentMail(models.Model):
    """The last mail of a kind to a recipient; see `accounts.services.mail_limits`."""

    kind = models.CharField(max_length=30)
    recipient = models.CharField(max_length=MAX_EMAIL_LENGTH)
    # A hash of what the link in the mail depends on: the link works while it is the
    # same.
    state = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    valid_until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "recipient"], name="sent_mail_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}"
