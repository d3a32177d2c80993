"""Sending: what arrives, in which order, and what happens after a failure."""

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from mediabackend.db.ids import uuid7
from mediabackend.events.models import Event, Kind
from mediabackend.events.queue import LEASE, forget_old_events, send_again
from mediabackend.events.sending import SentEvents, send_events

pytestmark = pytest.mark.django_db

REFUSED = 400
BUSY = 503
State = Event.State


def answer(status: int, only=None):
    """Return a `reply` with this status, of the messages about `only` if given."""

    def reply(handler, message):
        is_meant = only is None or message.event["data"]["id"] == str(only)
        handler.answer(status if is_meant else 204)

    return reply


def let_time_pass() -> None:
    """Make all waiting events due, as they are after some time."""
    Event.objects.filter(state=State.WAITING).update(due_at=timezone.now())


def test_message__has_the_event_and_a_signature(note, receiver):
    owner = uuid7()
    event = note(owner=owner, data={"state": "visible", "url": None})
    assert send_events() == SentEvents(sent=1)
    # The receiver has verified its signature.
    (message,) = receiver.messages
    assert message.event == {
        "type": "image.updated",
        "timestamp": event.created_at.isoformat().replace("+00:00", "Z"),
        "data": {
            "id": str(event.subject),
            "owner": str(owner),
            "state": "visible",
            "url": None,
        },
    }
    assert message.path == "/hook"
    assert message.headers["content-type"] == "application/json"
    event.refresh_from_db()
    assert (event.state, event.attempts) == (State.SENT, 1)
    assert send_events() == SentEvents()


def test_events_of_a_subject__arrive_in_their_order(note, receiver):
    subjects = [uuid7() for _ in range(3)]
    for number in range(30):
        note(subjects[number % 3], data={"version": number})
    assert send_events().sent == 30
    for number, subject in enumerate(subjects):
        data = [message.event["data"] for message in receiver.messages]
        versions = [one["version"] for one in data if one["id"] == str(subject)]
        assert versions == list(range(number, 30, 3))


def test_failure__holds_up_the_later_events_of_its_subject_only(note, receiver):
    subject = uuid7()
    first, second, other = note(subject), note(subject), note()
    receiver.reply = answer(REFUSED, only=subject)
    assert send_events() == SentEvents(sent=1, failed=1)
    let_time_pass()
    assert send_events() == SentEvents(failed=1)
    receiver.reply = answer(200)
    let_time_pass()
    assert send_events() == SentEvents(sent=2)
    ids = [message.id for message in receiver.messages]
    expected = [first, other, first, first, second]
    assert ids == [event.message_id for event in expected]
    assert len(set(ids)) == 3


def test_failure__is_noted_and_tried_again_later(note, receiver):
    event = note()
    receiver.reply = lambda handler, message: handler.answer(500, "no\r\ndisk \x1b[0m")
    delays = []
    for _ in range(4):
        let_time_pass()
        before = timezone.now()
        assert send_events() == SentEvents(failed=1)
        # It is not due yet.
        assert send_events() == SentEvents()
        event.refresh_from_db()
        delays.append((event.due_at - before).total_seconds())
    for delay, longest in zip(delays, (10, 20, 40, 80), strict=True):
        assert 0.75 * longest <= delay <= longest + 1
    assert (event.state, event.attempts) == (State.WAITING, 4)
    assert event.last_error == "The receiver answered 500. no disk [0m"


def test_event__is_given_up_after_three_days(note, receiver):
    subject = uuid7()
    first, second = note(subject), note(subject)
    receiver.reply = answer(REFUSED)
    send_events()
    # For three days the receiver refuses it; the delay is six hours at most.
    Event.objects.filter(pk=first.pk).update(attempts=50)
    let_time_pass()
    send_events()
    first.refresh_from_db()
    assert first.due_at - timezone.now() <= timedelta(hours=6)
    days = timedelta(days=3)
    Event.objects.filter(pk=first.pk).update(failing_since=timezone.now() - days)
    let_time_pass()
    assert send_events() == SentEvents(failed=1, given_up=1)
    first.refresh_from_db()
    assert first.state == State.FAILED
    # The next event has its own three days.
    receiver.reply = answer(200)
    let_time_pass()
    assert send_events() == SentEvents(sent=1)
    second.refresh_from_db()
    assert second.state == State.SENT


def test_receiver_without_time__is_asked_once_a_round(note, receiver):
    events = [note() for _ in range(5)]
    receiver.reply = answer(BUSY)
    assert send_events() == SentEvents(failed=1)
    assert len(receiver.messages) == 1
    # The others were not tried, and are due soon.
    others = Event.objects.exclude(pk=events[0].pk)
    soon = timezone.now() + timedelta(seconds=11)
    assert others.filter(attempts=0, due_at__lte=soon).count() == 4


def test_receiver_that_is_down__costs_no_event(note, receiver, settings):
    note()
    settings.EVENTS_URL = "http://127.0.0.1:1/"
    assert send_events() == SentEvents(failed=1)
    assert "ConnectError" in Event.objects.get().last_error
    settings.EVENTS_URL = receiver.url
    let_time_pass()
    assert send_events() == SentEvents(sent=1)


def test_round__ends_when_asked_to(note, receiver):
    for _ in range(5):
        note()
    done = send_events(should_stop=lambda: len(receiver.messages) == 2)
    assert done == SentEvents(sent=2)
    # The others wait for nobody.
    assert send_events() == SentEvents(sent=3)


def test_claim__ends_with_its_lease(note, receiver):
    """A process that died leaves its events to others."""
    note(due_at=timezone.now() + LEASE)
    assert send_events() == SentEvents()
    let_time_pass()
    assert send_events() == SentEvents(sent=1)


@pytest.mark.parametrize("state", [State.SENT, State.FAILED])
def test_send_again__sends_a_finished_event_with_the_same_id(note, receiver, state):
    event = note(state=state, finished_at=timezone.now(), attempts=9)
    assert send_events() == SentEvents()
    assert send_again(Event.objects.all()) == 1
    assert send_events() == SentEvents(sent=1)
    assert receiver.messages[0].id == event.message_id


def test_send_again__leaves_events_that_are_being_sent(note, receiver):
    note(due_at=timezone.now() + LEASE - timedelta(seconds=1))
    later = note(due_at=timezone.now() + timedelta(hours=1))
    assert send_again(Event.objects.all()) == 1
    send_events()
    assert [message.id for message in receiver.messages] == [later.message_id]


def test_finished_events__are_forgotten_after_30_days(note):
    now = timezone.now()
    old, young = now - timedelta(days=30), now - timedelta(days=29)
    note(created_at=old)
    kept = {note(state=s, finished_at=young).pk for s in (State.SENT, State.FAILED)}
    for state in (State.SENT, State.FAILED):
        note(state=state, finished_at=old)
    assert forget_old_events() == 2
    left = Event.objects.exclude(state=State.WAITING)
    assert set(left.values_list("pk", flat=True)) == kept
    assert Event.objects.filter(state=State.WAITING).count() == 1


def test_nothing_is_sent__without_a_receiver(note, settings):
    note()
    settings.EVENTS_URL = ""
    assert send_events() == SentEvents()


@pytest.mark.django_db(transaction=True)
def test_many_senders__send_each_event_once_and_in_order(note, receiver):
    subjects = [uuid7() for _ in range(4)]
    for number in range(40):
        note(subjects[number % 4], kind=Kind.IMAGE_UPDATED, data={"version": number})
    start = threading.Barrier(4)

    def send() -> int:
        start.wait()
        sent = 0
        try:
            while Event.objects.filter(state=State.WAITING).exists():
                sent += send_events().sent
        finally:
            connection.close()
        return sent

    with ThreadPoolExecutor(4) as pool:
        total = sum(pool.map(lambda _: send(), range(4)))
    assert total == len(receiver.messages) == 40
    versions = defaultdict(list)
    for message in receiver.messages:
        versions[message.event["data"]["id"]].append(message.event["data"]["version"])
    assert len(versions) == 4
    assert all(found == sorted(found) for found in versions.values())
