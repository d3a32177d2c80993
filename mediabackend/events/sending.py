"""Send the waiting events to EVENTS_URL, signed by standardwebhooks.com."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from standardwebhooks import Webhook

from mediabackend.events.models import Event
from mediabackend.events.noting import events_wanted
from mediabackend.events.queue import (
    claim_events,
    make_due,
    note_failure,
    note_success,
)
from mediabackend.events.receiver import (
    EventRefused,
    ReceiverUnavailable,
    post_message,
)

logger = logging.getLogger("mediabackend.events")

# Events that are claimed at a time.
BATCH = 20
# For events that were not tried, because the receiver could not be reached.
_PAUSE = timedelta(seconds=10)


@dataclass
class SentEvents:
    """The counts of a round; `failed` events will be tried again."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0

    def add(self, other: "SentEvents") -> None:
        self.sent += other.sent
        self.failed += other.failed
        self.given_up += other.given_up


def send_events(
    seconds: float = 20.0, should_stop: Callable[[], bool] = lambda: False
) -> SentEvents:
    """Send due events for about this time, those of each subject in their order.

    The round also ends when the receiver cannot be reached, and between two messages
    when `should_stop` says so. `seconds` must be much shorter than the lease of the
    claimed events. Any number of processes may do it at the same time.
    """
    result = SentEvents()
    end = time.monotonic() + seconds

    def is_over() -> bool:
        return should_stop() or time.monotonic() >= end

    if not events_wanted():
        return result
    # Before any event is claimed, as a wrong secret raises an error.
    signer = Webhook(settings.EVENTS_SECRET)
    while not is_over():
        events = claim_events(BATCH)
        if not events or not _send_all(events, signer, result, is_over):
            break
    return result


def _send_all(
    events: list[Event],
    signer: Webhook,
    result: SentEvents,
    is_over: Callable[[], bool],
) -> bool:
    """Send claimed events; returns whether to go on with others."""
    for position, event in enumerate(events):
        if is_over():
            make_due(events[position:])
            return False
        try:
            _send(event, signer)
        except EventRefused as error:
            _note_failure(event, error, result)
        except ReceiverUnavailable as error:
            _note_failure(event, error, result)
            make_due(events[position + 1 :], _PAUSE)
            return False
        else:
            note_success(event)
            result.sent += 1
    return True


def _send(event: Event, signer: Webhook) -> None:
    now = timezone.now()
    signature = signer.sign(event.message_id, now, event.body)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "mediabackend",
        "webhook-id": event.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }
    post_message(
        settings.EVENTS_URL,
        headers,
        event.body.encode(),
        allow_private=settings.EVENTS_ALLOW_PRIVATE,
    )


def _note_failure(event: Event, error: Exception, result: SentEvents) -> None:
    again = note_failure(event, str(error))
    if again:
        result.failed += 1
    else:
        result.given_up += 1
    outcome = "will be tried again" if again else "was given up"
    logger.warning(
        "event %s %s: %s", event.message_id, outcome, error, extra={"kind": event.kind}
    )
