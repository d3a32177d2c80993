"""`manage.py status`."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from email.utils import format_datetime
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from imagekit_emulator.transport import InProcessTransport
from images.models import Decision, OwnerNotice
from images.outbox.models import PendingDeletion
from mediabackend import __version__
from mediabackend.models import Worker

ROOT = Path(__file__).resolve().parents[3]


def status(*options: str) -> tuple[int, str]:
    """Run the command; return its exit code and its output."""
    out = StringIO()
    try:
        call_command("status", *options, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def status_json() -> dict[str, Any]:
    return json.loads(status("--json")[1])


@pytest.fixture
def worker(db) -> Worker:
    return Worker.objects.create(host="host-1", version=__version__)


def use_imagekit(settings, **options: Any) -> None:
    default = settings.STORAGES["default"]
    default = {**default, "OPTIONS": {**default["OPTIONS"], **options}}
    settings.STORAGES = {**settings.STORAGES, "default": default}


def test_status__without_problems_exits_with_0(worker, user):
    code, text = status()
    assert (code, text.splitlines()[-1]) == (0, "No problems.")
    for found in (__version__, connection.vendor, "host-1", "users 1"):
        assert found in text


def test_status__as_json_has_all_parts(worker, user):
    PendingDeletion.objects.create(
        name="u/a.jpg",
        reason="deleted",
        created_at=timezone.now() - timedelta(minutes=2),
    )
    found = status_json()
    assert found["status"] == "ok"
    assert found["problems"] == []
    assert found["versions"]["mediabackend"] == __version__
    assert found["database"]["vendor"] == connection.vendor
    assert found["database"]["unapplied_migrations"] == []
    assert found["cache"] == {"backend": "LocMemCache"}
    assert found["imagekit"]["emulator"] is True
    assert abs(found["imagekit"]["clock_offset_seconds"]) <= 1
    assert found["outbox"]["files"] == 1
    assert 110 < found["outbox"]["oldest_seconds"] < 180
    assert found["tasks"] == {"backend": "immediate", "waiting": 0, "failed": 0}
    assert [one["host"] for one in found["worker"]["running"]] == ["host-1"]
    assert found["counts"] == {"users": 1, "images": 0, "bytes": 0}


def test_status__notices_that_no_worker_runs(db):
    code, text = status()
    assert code == 1
    assert "PROBLEM    worker: none was seen in the last 10 minutes." in text


def test_status__notices_that_the_worker_is_gone(worker):
    Worker.objects.update(seen_at=timezone.now() - timedelta(minutes=11))
    code, text = status()
    assert code == 1
    assert "PROBLEM    worker" in text


def test_status__notices_a_step_that_always_fails(worker):
    worker.steps = {"quarantine": {"failures": 3, "error": "ValueError: x"}}
    worker.save()
    code, text = status()
    assert code == 1
    assert "'quarantine' has failed 3 times in a row: ValueError: x" in text


def test_status__notices_migrations_that_are_not_applied(worker):
    MigrationRecorder(connection).record_unapplied("mediabackend", "0001_initial")
    found = status_json()
    assert found["database"]["unapplied_migrations"] == ["mediabackend.0001_initial"]
    assert found["status"] == "problems"


def test_status__notices_files_that_wait_for_more_than_a_day(worker):
    PendingDeletion.objects.create(
        name="u/a.jpg", reason="deleted", created_at=timezone.now() - timedelta(days=2)
    )
    code, text = status()
    assert code == 1
    assert "outbox: 1 files have been waiting" in text


def test_status__notices_mails_to_owners_that_were_given_up(worker, user):
    decision = Decision.objects.create(action="suspend", user_id=user.pk)
    state, now = OwnerNotice.State.FAILED, timezone.now()
    notice = OwnerNotice.objects.create(decision=decision, state=state, finished_at=now)
    assert "mails: 1 mails to owners about decisions were given up" in status()[1]
    notice.finished_at -= timedelta(days=31)
    notice.save()
    assert status()[0] == 0


def test_status__notices_a_broken_cache(worker, monkeypatch):
    monkeypatch.setattr(cache._connections[cache._alias], "set", lambda *a, **k: None)
    code, text = status()
    assert code == 1
    assert "PROBLEM    cache: The cache did not return what was stored." in text


def test_status__notices_keys_that_imagekit_refuses(worker, settings):
    use_imagekit(settings, private_key="private_wrong")
    code, text = status()
    assert code == 1
    assert "PROBLEM    imagekit: clock: ImageKit answered 401" in text


def test_status__notices_a_storage_that_cannot_be_made(worker, settings):
    use_imagekit(settings, private_kye="x")
    code, text = status()
    assert code == 1
    assert "PROBLEM    imagekit: ImageKitStorage:" in text


class LateTransport(InProcessTransport):
    """ImageKit with a clock that is 90 seconds slow, so ours is ahead."""

    SECONDS = -90

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        date = timezone.now() + timedelta(seconds=self.SECONDS)
        response.headers["Date"] = format_datetime(date, usegmt=True)
        return response


class AlmostRightTransport(LateTransport):
    SECONDS = 50


@pytest.mark.parametrize(
    ("transport", "code", "offset"),
    [(LateTransport, 1, 90), (AlmostRightTransport, 0, -50)],
    ids=["more-than-a-minute", "less"],
)
def test_status__notices_a_clock_that_is_off(worker, settings, transport, code, offset):
    use_imagekit(settings, transport=f"{__name__}.{transport.__name__}")
    assert abs(status_json()["imagekit"]["clock_offset_seconds"] - offset) <= 1
    found, text = status()
    assert found == code
    assert ("seconds ahead of ImageKit's" in text) is (code == 1)


def test_status__without_the_database_says_so():
    env = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        (sys.executable, "manage.py", "status", "--json"),
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    found = json.loads(done.stdout)
    (problem,) = found["problems"]
    assert problem.startswith("database: connection")
    assert "\n" not in problem
    assert found["database"] == found["worker"] == {}
    assert found["cache"] == {"backend": "LocMemCache"}
    assert "Traceback" not in done.stderr
