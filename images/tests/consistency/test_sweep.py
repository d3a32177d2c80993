"""`manage.py sweep_files`: the files that it deletes, its retries and its output."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.imagekit.names import StoredName
from images.models import Image
from images.outbox.models import PendingDeletion
from images.tests.consistency.crowds import (
    add_pending_files,
    count_remote_files,
    root_of_emulator,
)
from images.tests.consistency.faults import KINDS, RESET_SECONDS
from images.tests.consistency.operations import make_scene
from images.tests.consistency.sides import assert_sides_are_equal, remote_files
from images.tests.consistency.sweeping import sweep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("impatience"),
]

# The real command in a process of its own, on this test's database and emulator.
PROGRAM = """
import json, sys, django
from django.conf import settings
django.setup()
name, root = sys.argv[1:3]
settings.DATABASES["default"]["NAME"] = name
settings.IMAGEKIT_EMULATOR["ROOT"] = __import__("pathlib").Path(root)
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[3:]])
"""


def put_off(seconds: float) -> None:
    """Make all rows due that many seconds from now."""
    PendingDeletion.objects.update(due_at=timezone.now() + timedelta(seconds=seconds))


def age(seconds: float) -> None:
    """Make all rows that many seconds old."""
    PendingDeletion.objects.update(
        created_at=timezone.now() - timedelta(seconds=seconds)
    )


def test_sweep__takes_what_is_due_and_says_so():
    add_pending_files(3)
    put_off(60)
    assert "deleted 0, purged 0, failed 0" in sweep()
    assert count_remote_files() == 3
    put_off(-1)
    assert "deleted 3, purged 0, failed 0" in sweep()
    assert count_remote_files() == 0


def test_grace__takes_what_is_old_enough_due_or_not():
    add_pending_files(3)
    put_off(3600)
    age(60)
    assert "deleted 0" in sweep(grace=120)
    assert "deleted 3" in sweep(grace=30)
    assert not PendingDeletion.objects.exists()


def test_grace__tries_a_failing_row_once_in_a_run(emulator):
    add_pending_files(150)
    emulator.faults.add(Fault("bulk_delete", "status", status=403, every=1))
    assert "deleted 0, purged 0, failed 150" in sweep(grace=0)
    assert emulator.requests.counts() == {"bulk_delete": 2}
    assert set(PendingDeletion.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize("limit", [0, 1, 99, 100, 101, 250])
def test_limit__is_not_exceeded(limit):
    add_pending_files(300)
    assert f"deleted {limit}," in sweep(limit=limit)
    assert count_remote_files() == PendingDeletion.objects.count() == 300 - limit


def test_rate_limit__ends_the_run_and_is_waited_for(emulator):
    add_pending_files(300)
    emulator.faults.add(Fault("bulk_delete", every=1, **KINDS["429"]))
    before = timezone.now()
    assert "deleted 0, purged 0, failed 100" in sweep()
    # The SDK's own second try included.
    assert emulator.requests.counts()["bulk_delete"] <= 2
    tried = PendingDeletion.objects.filter(attempts=1)
    assert tried.count() == 100
    wait = timedelta(seconds=RESET_SECONDS)
    assert all(row.due_at >= before + wait for row in tried)
    assert PendingDeletion.objects.filter(attempts=0).count() == 200


def test_rate_limit__longer_than_the_back_off_is_waited_for(emulator):
    add_pending_files(2)
    headers = {"X-RateLimit-Reset": str(3000 * 1000)}
    fault = Fault("bulk_delete", "status", status=429, headers=headers, every=1)
    emulator.faults.add(fault)
    before = timezone.now()
    sweep()
    for row in PendingDeletion.objects.all():
        assert row.due_at >= before + timedelta(seconds=3000)


@pytest.mark.parametrize("kind", ["500", "403", "time-out", "dropped", "empty"])
def test_failure__that_stays_costs_a_bounded_number_of_calls(emulator, kind):
    add_pending_files(250)
    for remote in ("bulk_delete", "delete", "list"):
        emulator.faults.add(Fault(remote, every=1, **KINDS[kind]))
    sweep()
    sweep()
    # A call for each hundred, and what the SDK tries again.
    assert sum(emulator.requests.counts().values()) <= 6
    assert PendingDeletion.objects.filter(due_at__gt=timezone.now()).count() == 250


def test_back_off__grows_up_to_a_limit_and_is_not_the_same_for_all(emulator):
    add_pending_files(50)
    emulator.faults.add(Fault("bulk_delete", "status", status=500, every=1))
    longest = []
    for _ in range(14):
        put_off(-1)
        before = timezone.now()
        sweep()
        waits = [row.due_at - before for row in PendingDeletion.objects.all()]
        assert max(waits) > 1.2 * min(waits), "they would come back together"
        longest.append(max(waits))
    assert longest[0] < timedelta(minutes=2)
    assert longest[6] > 8 * longest[1]
    assert timedelta(hours=4) < longest[-1] < timedelta(hours=8)


def test_stuck__for_a_day_is_an_error_that_names_the_oldest(emulator):
    add_pending_files(2)
    emulator.faults.add(Fault("bulk_delete", "status", status=403, every=1))
    sweep()
    age(timedelta(days=2).total_seconds())
    with pytest.raises(CommandError, match=r"2 files .* crowd/.* 403") as error:
        sweep()
    assert error.value.returncode == 1
    emulator.faults.clear()
    put_off(-1)
    assert "deleted 2" in sweep()


def test_unknown_ids__are_looked_up_by_path(emulator):
    scene = make_scene((10, 11, 12))
    names = [image.file.name for image in scene.images]
    # Without the id, as a reservation has it; with it; and a file never arrived.
    PendingDeletion.objects.create(
        name=StoredName.parse(names[0]).path, reason="reserved"
    )
    PendingDeletion.objects.create(name=names[1], reason="deleted")
    PendingDeletion.objects.create(name=f"{scene.owner.pk}/never.jpg", reason="x")
    Image.objects.filter(pk__in=scene.ids(2)).update(file="elsewhere")
    emulator.requests.clear()
    assert "deleted 3" in sweep()
    assert emulator.requests.counts()["list"] == 2
    assert set(remote_files()) == {StoredName.parse(names[2]).path}
    assert not PendingDeletion.objects.exists()


def test_ids_that_are_gone__do_not_keep_the_others(emulator):
    ids = add_pending_files(5)
    with emulator.services.database.write() as index:
        index.execute("DELETE FROM assets WHERE file_id = ?", (ids[2],))
    assert "deleted 5" in sweep()
    assert emulator.requests.counts() == {"bulk_delete": 1, "delete": 5}
    assert count_remote_files() == 0


@pytest.mark.parametrize(
    "arguments", [["--every", "1"], ["--every", "3600"]], ids=["busy", "waiting"]
)
def test_every__goes_on_until_sigterm_and_ends_between_batches(emulator, arguments):
    add_pending_files(1000)
    # Slow enough to be met in the middle of a batch.
    emulator.faults.add(Fault("bulk_delete", "latency", seconds=0.2, every=1))
    process = start_sweep(arguments)
    try:
        wait_until(lambda: emulator.requests.counts().get("bulk_delete"), process)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, out
    left = PendingDeletion.objects.count()
    assert 0 < left < 1000
    assert left % 100 == 0
    assert count_remote_files() == left
    assert not PendingDeletion.objects.exclude(attempts=0).exists()
    assert f"deleted {1000 - left}," in out


def test_every__ends_at_once_while_it_waits(emulator):
    process = start_sweep(["--every", "3600"])
    try:
        assert process.stdout is not None
        assert "deleted 0" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert_sides_are_equal()


def start_sweep(arguments: list[str]) -> subprocess.Popen[str]:
    database = str(connection.settings_dict["NAME"])
    return subprocess.Popen(
        [
            *(sys.executable, "-u", "-c", textwrap.dedent(PROGRAM)),
            *(database, str(root_of_emulator()), "sweep_files", *arguments),
        ],
        cwd=django_settings.BASE_DIR,
        env={**os.environ, "LOG_FORMAT": "json"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_until(condition, process: subprocess.Popen[str]) -> None:
    """Wait until the condition holds, for half a minute at most."""
    deadline = time.monotonic() + 30
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)
