"""A sender that is killed at any step loses no event, and repeats at most the last."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone

from benchmarks.tests.test_counts import url_of_the_test_database
from mediabackend.db.ids import uuid7
from mediabackend.events.models import Event
from mediabackend.tests.events.conftest import SECRET, Handler, Message, Receiver

ROOT = Path(__file__).resolve().parents[3]
NUMBER = 12


@pytest.fixture
def start_sender(
    receiver: Receiver, database_url: str
) -> Iterator[Callable[[], subprocess.Popen]]:
    """Start `manage.py send_events` on the database of the test."""
    variables = {
        "DATABASE_URL": url_of_the_test_database(database_url),
        "EVENTS_URL": receiver.url,
        "EVENTS_SECRET": SECRET,
        "EVENTS_ALLOW_PRIVATE": "true",
    }
    started = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "manage.py", "send_events"]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=os.environ | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.deep
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", ["before the answer", "in the answer", "after it"])
def test_sender_that_is_killed__loses_no_event(step, receiver, note, start_sender):
    subjects = [uuid7() for _ in range(3)]
    for version in range(NUMBER):
        note(subjects[version % 3], data={"version": version})
    sender = start_sender()
    killed = threading.Event()

    def kill() -> None:
        os.kill(sender.pid, signal.SIGKILL)
        sender.wait()
        killed.set()

    def reply(handler: Handler, message: Message) -> None:
        is_fifth = len(receiver.messages) == 5
        if len(receiver.messages) > 5:
            # The sender may get to the sixth message, but not past it.
            killed.wait(60)
        if is_fifth and step == "before the answer":
            kill()
        if is_fifth and step == "in the answer":
            handler.wfile.write(b"HTTP/1.1 204 No")
            kill()
        handler.answer(204)
        if is_fifth and step == "after it":
            kill()

    receiver.reply = reply
    assert sender.wait(60) == -signal.SIGKILL
    # Nobody waits for the lease of the dead process.
    Event.objects.filter(state="waiting").update(due_at=timezone.now())
    second = start_sender()
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 0, output
    repeated = Counter(message.id for message in receiver.messages)
    assert len(repeated) == NUMBER
    assert len(receiver.messages) <= NUMBER + 1
    # A sender that has its answer may be sending the next message when it is killed.
    last = receiver.messages[4:6] if step == "after it" else receiver.messages[4:5]
    repeats = {name for name, times in repeated.items() if times > 1}
    assert repeats <= {message.id for message in last}
    assert set(Event.objects.values_list("state", flat=True)) == {"sent"}
    versions = defaultdict(list)
    for message in receiver.messages:
        versions[message.event["data"]["id"]].append(message.event["data"]["version"])
    assert all(found == sorted(found) for found in versions.values())
