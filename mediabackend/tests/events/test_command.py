"""`manage.py send_events`."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mediabackend.events.queue import KEPT_FOR

pytestmark = pytest.mark.django_db


def run() -> str:
    out = StringIO()
    call_command("send_events", stdout=out)
    return out.getvalue()


def test_send_events__sends_all_and_forgets_old_ones(note, receiver):
    # More than one batch.
    for _ in range(45):
        note()
    note(state="sent", finished_at=timezone.now() - KEPT_FOR)
    counts = "sent 45, failed 0, given up 0, waiting 0, old rows deleted 1\n"
    assert run() == counts
    assert len(receiver.messages) == 45


def test_send_events__fails_when_an_event_is_not_accepted(note, receiver):
    note()
    receiver.reply = lambda handler, message: handler.answer(400)
    with pytest.raises(CommandError, match="sent 0, failed 1, given up 0, waiting 1"):
        run()


def test_send_events__needs_a_receiver(settings):
    settings.EVENTS_URL = ""
    with pytest.raises(CommandError, match="EVENTS_URL is not set"):
        run()
