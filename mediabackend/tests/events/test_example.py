"""The receiver in docs/events.md, run as it stands there."""

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediabackend.events.models import Event
from mediabackend.events.queue import send_again
from mediabackend.events.sending import SentEvents, send_events
from mediabackend.tests.events.conftest import SECRET
from scripts.processes import free_port
from scripts.waiting import wait_for

PAGE = Path(__file__).resolve().parents[3] / "docs" / "events.md"

pytestmark = pytest.mark.django_db


@pytest.fixture
def example(tmp_path: Path, settings) -> Iterator[subprocess.Popen[str]]:
    """Run the example, and let events be sent to it."""
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "receiver.py").write_text(code)
    port = free_port()
    environ = {**os.environ, "EVENTS_SECRET": SECRET, "PORT": str(port)}
    settings.EVENTS_URL = f"http://127.0.0.1:{port}/"
    settings.EVENTS_SECRET = SECRET
    settings.EVENTS_ALLOW_PRIVATE = True
    with subprocess.Popen(
        [sys.executable, "receiver.py"],
        cwd=tmp_path,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        wait_for(lambda: status(settings.EVENTS_URL, b"{}") is not None)
        yield program
        program.terminate()


def status(url: str, body: bytes) -> int | None:
    """Post without a signature; returns the status, or None if nobody listens."""
    try:
        with urllib.request.urlopen(url, body) as answer:  # noqa: S310
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except urllib.error.URLError:
        return None


def test_example__takes_each_event_once_and_no_forged_one(example, note, settings):
    first, second = note(), note()
    assert send_events() == SentEvents(sent=2)
    send_again(Event.objects.filter(pk=first.pk))
    assert send_events() == SentEvents(sent=1)
    assert status(settings.EVENTS_URL, b'{"type": "user.deleted"}') == 400
    last = note()
    assert send_events() == SentEvents(sent=1)
    lines = [example.stdout.readline() for _ in range(3)]
    expected = [f"image.updated {event.subject}\n" for event in (first, second, last)]
    assert lines == expected
