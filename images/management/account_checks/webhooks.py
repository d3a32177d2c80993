"""Check of webhooks."""

from django.conf import settings

from images.management.account_checks.account import Account, Notice, Problem
from images.models import WebhookMessage

_PREFIX = "whsec_"


def check_webhook(account: Account) -> str:
    """Check that messages about the files of this run have arrived."""
    secret = settings.IMAGEKIT_WEBHOOK_SECRET
    if not secret:
        return "not used, as IMAGEKIT_WEBHOOK_SECRET is not set"
    if not secret.startswith(_PREFIX):
        raise Problem(
            f"IMAGEKIT_WEBHOOK_SECRET does not begin with {_PREFIX}. Copy it from "
            "ImageKit's dashboard, under Webhooks."
        )
    arrived = WebhookMessage.objects.filter(received_at__gte=account.started_at)
    if account.wait_until(arrived.exists) is None:
        raise Notice(
            "No message of ImageKit's webhook has arrived. This server must run, and "
            "the webhook must lead to /webhooks/imagekit/ with the event file.created. "
            "If the log has messages with status 400, the secret is another one, or "
            "ImageKit does not sign by standardwebhooks.com."
        )
    return "messages arrive with a valid signature"
