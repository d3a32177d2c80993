"""The worker sends events, and forgets old ones."""

import pytest
from django.utils import timezone

from mediabackend.events.models import Event
from mediabackend.events.queue import KEPT_FOR
from mediabackend.worker.steps import STEPS

pytestmark = pytest.mark.django_db


def run(name: str) -> int:
    (step,) = (step for step in STEPS if step.name == name)
    return step.run().done


def test_worker__sends_events(note, receiver):
    note()
    assert run("send events") == 1
    assert len(receiver.messages) == 1
    # Nothing is left, so the worker waits.
    assert run("send events") == 0


def test_worker__does_not_repeat_a_failure_at_once(note, receiver):
    note()
    receiver.reply = lambda handler, message: handler.answer(500)
    assert run("send events") == 0
    assert len(receiver.messages) == 1


def test_worker__forgets_old_events(note):
    note(state="sent", finished_at=timezone.now() - KEPT_FOR)
    assert run("forget events") == 1
    assert not Event.objects.exists()
