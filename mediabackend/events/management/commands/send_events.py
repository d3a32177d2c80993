"""`manage.py send_events`: send the waiting events to EVENTS_URL."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mediabackend.events.models import Event
from mediabackend.events.noting import events_wanted
from mediabackend.events.queue import forget_old_events
from mediabackend.events.sending import SentEvents, send_events


class Command(BaseCommand):
    help = (
        "Send the events that are due to EVENTS_URL, and delete those that were sent "
        "30 days ago. Any number of processes may do it at the same time. Exits with 1 "
        "if an event was not accepted."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not events_wanted():
            raise CommandError("EVENTS_URL is not set; see docs/events.md.")
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        total = SentEvents()
        while not stop.is_set():
            done = send_events(should_stop=stop.is_set)
            total.add(done)
            if not done.sent:
                break
        waiting = Event.objects.filter(state=Event.State.WAITING).count()
        text = (
            f"sent {total.sent}, failed {total.failed}, given up {total.given_up}, "
            f"waiting {waiting}, old rows deleted {forget_old_events()}"
        )
        if total.failed or total.given_up:
            raise CommandError(text)
        self.stdout.write(text)
