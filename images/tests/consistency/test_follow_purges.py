"""Purges are followed until they are completed, and not ordered again without need."""

import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.imagekit.aliases import imagekit_storage
from images.imagekit.storage import ImageKitStorage
from images.outbox.models import DeletionReceipt, PendingDeletion
from images.outbox.purges import BATCH, follow_purges, order_purges
from images.tests.consistency.crowds import add_pending_files, run_at_once
from images.tests.consistency.faults import KINDS, RESET_SECONDS
from images.tests.consistency.operations import OPERATIONS, make_scene
from images.tests.consistency.sides import assert_sides_are_equal, sweep_to_the_end
from images.tests.consistency.sweeping import make_due, sweep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("impatience"),
]


@pytest.fixture
def ordered():
    """Add rows of deleted files with ordered purges that are due."""

    def make(count: int = 1, ago: timedelta = timedelta(minutes=2), **fields) -> None:
        then = timezone.now() - ago
        for number in range(count):
            name = f"u/{number}.jpg"
            defaults = {
                "purge": True,
                "file_deleted_at": then,
                "purge_ordered_at": then,
                "purge_request_id": imagekit_storage().purge(name),
            }
            PendingDeletion.objects.create(
                name=name, reason="taken_down", **(defaults | fields)
            )

    return make


def wait_of(row: PendingDeletion) -> timedelta:
    return row.due_at - timezone.now()


def test_pending__is_asked_for_after_growing_waits(settings, emulator, ordered):
    settings.IMAGEKIT_EMULATOR["PURGE_PENDING_POLLS"] = 3
    ordered()
    for age, longest in ((0, 1), (10, 10), (180, 60)):
        PendingDeletion.objects.update(
            purge_ordered_at=timezone.now() - timedelta(minutes=age)
        )
        make_due()
        assert "purged 0, failed 0" in sweep()
        wait = wait_of(PendingDeletion.objects.get())
        assert timedelta(minutes=longest - 0.5) < wait
        assert wait < timedelta(minutes=longest + 0.5)
        assert "purged 0, failed 0" in sweep(), "it is not due yet"
    make_due()
    assert "purged 1, failed 0" in sweep()
    (purge,) = emulator.purges()
    assert purge["polls"] == 4
    assert_sides_are_equal()


@pytest.mark.parametrize("status", [400, 404])
def test_unknown__is_ordered_again_after_a_while(emulator, ordered, status):
    ordered()
    emulator.faults.add(Fault("purge_status", "status", status=status, next=1))
    assert "failed 1, purges ordered 0" in sweep()
    row = PendingDeletion.objects.get()
    assert (row.purge_ordered_at, row.purge_request_id) == (None, "")
    assert wait_of(row) > timedelta(seconds=30)
    assert "purges ordered 0" in sweep()
    make_due()
    assert "purges ordered 1" in sweep()
    sweep_to_the_end()
    assert len(emulator.purges()) == 2
    assert not PendingDeletion.objects.exists()


def test_unknown__time_and_again_is_ordered_less_and_less_often(emulator, ordered):
    ordered()
    emulator.faults.add(Fault("purge_status", "status", status=400, every=1))
    for _ in range(6):
        make_due()
        sweep()
        wait = wait_of(PendingDeletion.objects.get())
        make_due()
        sweep()
    assert wait > timedelta(hours=4)
    assert len(emulator.purges()) == 7


def test_overdue__is_ordered_again(emulator, ordered):
    ordered(ago=timedelta(hours=6, minutes=1))
    assert "purged 0, failed 0, purges ordered 0" in sweep()
    assert "pending for too long" in PendingDeletion.objects.get().last_error
    assert "purges ordered 1" in sweep()
    assert len(emulator.purges()) == 2
    assert PendingDeletion.objects.get().last_error == ""


@pytest.mark.parametrize(
    "kind", ["403", "429", "500", "time-out", "dropped", "garbage", "no-work-json"]
)
def test_status_that_fails__orders_nothing_and_is_asked_for_later(
    emulator, ordered, kind
):
    ordered(3)
    emulator.faults.add(Fault("purge_status", every=1, **KINDS[kind]))
    assert "purged 0, failed 3, purges ordered 0" in sweep()
    for row in PendingDeletion.objects.all():
        assert wait_of(row) > timedelta(seconds=RESET_SECONDS - 2)
        assert row.purge_request_id
        assert row.last_error
    # A refusal affects one row only. Otherwise one call, and one retry by the SDK.
    calls = emulator.requests.counts()["purge_status"]
    assert calls == 3 if kind == "403" else calls <= 2
    emulator.faults.clear()
    make_due()
    sweep_to_the_end()
    assert len(emulator.purges()) == 3
    assert not PendingDeletion.objects.exists()


@pytest.mark.parametrize("kind", ["429", "500", "time-out", "lost"])
def test_order_that_fails__is_not_repeated_at_once(emulator, ordered, kind):
    """The SDK would repeat it, and ImageKit counts each order."""
    ordered(2, purge_ordered_at=None, purge_request_id="")
    emulator.requests.clear()
    emulator.faults.add(Fault("purge", every=1, **KINDS[kind]))
    assert "failed 2, purges ordered 0" in sweep()
    assert emulator.requests.counts()["purge"] == 1


def test_order__is_noted_before_the_next_one(emulator, ordered, monkeypatch):
    """A crash must not cost a whole batch of orders."""
    ordered(3, purge_ordered_at=None, purge_request_id="")
    purge, left = ImageKitStorage.purge, [1, 1]

    def die_at_the_third(self: ImageKitStorage, name: str) -> str:
        if not left:
            raise SystemExit
        left.pop()
        return purge(self, name)

    monkeypatch.setattr(ImageKitStorage, "purge", die_at_the_third)
    with pytest.raises(SystemExit):
        order_purges()
    assert PendingDeletion.objects.exclude(purge_request_id="").count() == 2


def test_used_up_quota__holds_up_neither_deletions_nor_other_purges(emulator, ordered):
    ordered()
    ordered(purge_ordered_at=None, purge_request_id="")
    add_pending_files(1)
    emulator.faults.add(Fault("purge", every=1, **KINDS["429"]))
    assert "deleted 1, purged 0, failed 1, purges ordered 0" in sweep()
    assert emulator.purges()[0]["polls"] == 1


def test_grace__takes_a_file_through_all_steps_in_one_run(settings, emulator):
    settings.IMAGEKIT_EMULATOR["PURGE_PENDING_POLLS"] = 0
    add_pending_files(2)
    PendingDeletion.objects.update(purge=True)
    assert "deleted 2, purged 2, failed 0, purges ordered 2" in sweep(grace=0)


class TwoRounds(StringIO):
    """The output of a sweep that is stopped after its second round."""

    def write(self, text: str) -> int:
        if self.getvalue().count("deleted"):
            signal.raise_signal(signal.SIGTERM)
        return super().write(text)


def test_every__leaves_out_only_the_step_that_imagekit_limits(emulator, ordered):
    ordered(2, purge_ordered_at=None, purge_request_id="")
    add_pending_files(200)
    emulator.faults.add(Fault("bulk_delete", every=1, **KINDS["429"]))
    emulator.requests.clear()
    out, before = TwoRounds(), signal.getsignal(signal.SIGTERM)
    try:
        call_command("sweep_files", every=1, stdout=out)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert out.getvalue().count("failed 100") == 1
    assert emulator.requests.counts() == {"bulk_delete": 2, "purge": 2}
    assert PendingDeletion.objects.filter(attempts=0).count() == 100


@pytest.mark.parametrize("step", [order_purges, follow_purges])
def test_batch__is_bounded_in_calls(emulator, ordered, step):
    change = {"purge_ordered_at": None} if step is order_purges else {}
    ordered(BATCH + 5, **change)
    emulator.requests.clear()
    assert step(100).claimed == BATCH
    assert sum(emulator.requests.counts().values()) == BATCH


def test_follow__costs_the_same_queries_for_one_and_for_many(settings, ordered):
    settings.IMAGEKIT_EMULATOR["PURGE_PENDING_POLLS"] = 0
    user = make_scene(()).owner

    def queries(count: int) -> int:
        for _ in range(count):
            ordered(receipt=DeletionReceipt.objects.create(user=user))
        with CaptureQueriesContext(connection) as context:
            assert follow_purges().purged == count
        return len(context)

    assert queries(1) == queries(15)


def test_receipt__of_many_is_completed_with_the_last_whoever_does_it(
    settings, emulator
):
    """Of two processes that finish the last two rows, one updates the receipt."""
    settings.IMAGEKIT_PURGE_ON = "delete"
    settings.IMAGEKIT_EMULATOR["PURGE_PENDING_POLLS"] = 0
    for _ in range(4):
        scene = OPERATIONS["bulk_delete"].prepare()
        receipt_id = OPERATIONS["bulk_delete"].call(scene)["X-Deletion-ID"]
        receipt = DeletionReceipt.objects.get(pk=receipt_id)
        assert receipt.purge_requested
        assert receipt.purge_completed is None
        make_due()
        run_at_once([lambda: follow_purges(1), lambda: follow_purges(1)])
        receipt.refresh_from_db()
        assert receipt.purge_completed
    assert_sides_are_equal()
