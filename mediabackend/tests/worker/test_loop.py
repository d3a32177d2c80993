"""The loop of a worker, with steps of these tests."""

import signal
import time
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from mediabackend import __version__
from mediabackend.models import MISSING_AFTER, Worker
from mediabackend.worker.loop import Loop, Stop, listening_to_signals
from mediabackend.worker.steps import Outcome, Step

# A worker closes broken connections, which no transaction of a test survives.
pytestmark = pytest.mark.django_db(transaction=True)
SOON, NEVER = 0.01, 1e6


class Work:
    """A step that gives these outcomes one after the other, then asks to stop."""

    def __init__(self, *outcomes: Outcome | Exception, stop: Stop | None = None):
        self.outcomes = list(outcomes)
        self.stop = stop
        self.calls = 0

    def __call__(self) -> Outcome:
        self.calls += 1
        outcome = self.outcomes.pop(0) if self.outcomes else Outcome(0)
        if self.stop and not self.outcomes:
            self.stop.asked = True
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def run(*steps: Step, stop: Stop) -> Worker:
    """Run the loop until a step asks to stop; return its row."""
    Loop(steps, stop).run()
    return Worker.objects.get()


def test_loop__runs_each_step_at_its_own_pace():
    stop = Stop()
    often, once = Work(*[Outcome(0)] * 5, stop=stop), Work()
    run(Step("often", SOON, often), Step("once", NEVER, once), stop=stop)
    assert (often.calls, once.calls) == (5, 1)


def test_loop__goes_on_at_once_while_there_is_something_to_do():
    stop = Stop()
    work = Work(*[Outcome(1)] * 3, Outcome(0), stop=stop)
    run(Step("much", NEVER, work), stop=stop)
    assert work.calls == 4


def test_loop__lets_the_others_have_their_turn():
    stop = Stop()
    endless, other = Work(*[Outcome(1)] * 1000), Work(Outcome(0), stop=stop)
    run(Step("endless", NEVER, endless), Step("other", NEVER, other), stop=stop)
    assert endless.calls == 1


def test_loop__waits_as_long_as_imagekit_asks():
    stop = Stop()
    limited, other = Work(Outcome(1, wait=NEVER)), Work(*[Outcome(0)] * 3, stop=stop)
    run(Step("limited", SOON, limited), Step("other", SOON, other), stop=stop)
    assert limited.calls == 1


def test_loop__tries_a_failed_step_again_later_and_goes_on_with_the_others():
    stop = Stop()
    broken, other = Work(ValueError("x")), Work(*[Outcome(0)] * 3, stop=stop)
    row = run(Step("broken", SOON, broken), Step("other", SOON, other), stop=stop)
    assert (broken.calls, other.calls) == (1, 3)
    assert row.steps["broken"]["failures"] == 1
    assert row.steps["broken"]["error"] == "ValueError: x"
    assert row.steps["broken"]["done_at"] is None
    assert row.steps["other"]["failures"] == 0
    assert row.steps["other"]["done_at"]


def test_loop__forgets_failures_after_a_success():
    stop = Stop()
    work = Work(ValueError("x"), Outcome(0), stop=stop)
    row = run(Step("shaky", SOON, work), stop=stop)
    assert row.steps["shaky"]["failures"] == 0
    assert row.steps["shaky"]["error"] == ""


def test_once__runs_each_step_until_it_has_nothing_to_do():
    one, two = Work(Outcome(1), Outcome(1), Outcome(0)), Work()
    steps = (Step("one", NEVER, one), Step("two", NEVER, two))
    assert Loop(steps, Stop()).run_once() == []
    assert (one.calls, two.calls) == (3, 1)
    assert Worker.objects.get().stopped_at


def test_once__names_the_steps_that_failed_and_does_the_others():
    work = Work()
    steps = (Step("broken", SOON, Work(ValueError())), Step("other", SOON, work))
    assert Loop(steps, Stop()).run_once() == ["broken"]
    assert work.calls == 1


def test_once__with_a_failed_step_exits_with_1(monkeypatch):
    steps = (Step("broken", SOON, Work(ValueError())),)
    monkeypatch.setattr("mediabackend.management.commands.run_worker.STEPS", steps)
    with pytest.raises(CommandError, match="Failed: broken"):
        call_command("run_worker", "--once")


def test_once__without_the_database_exits_with_1(monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", fail)
    with pytest.raises(CommandError, match="connection refused"):
        call_command("run_worker", "--once")


def test_heartbeat__tells_which_worker_runs():
    stop, seen = Stop(), []

    def look() -> Outcome:
        seen.extend(Worker.objects.running())
        stop.asked = True
        return Outcome(0)

    row = run(Step("look", NEVER, look), stop=stop)
    assert seen == [row]
    assert seen[0].version == __version__
    assert seen[0].host
    assert row.stopped_at
    assert not Worker.objects.running().exists()


def test_heartbeat__comes_back_when_its_row_was_deleted():
    stop = Stop()

    def delete() -> Outcome:
        Worker.objects.all().delete()
        stop.asked = True
        return Outcome(0)

    assert run(Step("delete", NEVER, delete), stop=stop).stopped_at


def test_state__says_when_a_worker_is_missing():
    assert Worker.objects.state() == (None, True)
    now = timezone.now()
    row = Worker.objects.create(host="a", seen_at=now - MISSING_AFTER * 2)
    assert Worker.objects.state() == (row.seen_at, True)
    row = Worker.objects.create(host="b", seen_at=now - timedelta(seconds=5))
    assert Worker.objects.state() == (row.seen_at, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals__end_a_wait(number):
    with listening_to_signals() as stop:
        signal.raise_signal(number)
        assert stop.asked
        start = time.monotonic()
        stop.sleep(30)
        assert time.monotonic() - start < 5
        # The second one ends the process.
        assert signal.getsignal(number) == signal.SIG_DFL
    assert signal.getsignal(number) != signal.SIG_DFL or number == signal.SIGTERM
