"""The crash matrix: a process is killed at each step; no file is lost or left behind.

`make test` kills at some of the steps, `make test-deep` at each of them.
"""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from imagekit_emulator.transport import get_app
from images.imagekit.aliases import imagekit_storage
from images.imagekit.names import StoredName
from images.models import IdempotencyKey, Image
from images.outbox.models import DeletionReceipt, PendingDeletion
from images.outbox.schedule import delete_in_background
from images.tests.consistency.killing import End, run_killed_at
from images.tests.consistency.operations import (
    OPERATIONS,
    Operation,
    Scene,
    make_scene,
    picture,
)
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
    gallery,
    let_time_pass,
    sweep_to_the_end,
)

pytestmark = pytest.mark.django_db(transaction=True)

# The parameters of the tests: each of how many steps is tried.
SOME_OR_ALL = [
    pytest.param(7, id="some-steps"),
    pytest.param(1, id="each-step", marks=pytest.mark.deep),
]
# How many steps there are at least, so that the matrix cannot shrink unseen. There
# are some more on SQLite, where BEGIN is a statement.
AT_LEAST = {
    "upload": 16,
    "ticket": 8,
    "complete": 18,
    "replace": 32,
    "visibility": 35,
    "delete": 26,
    "bulk_delete": 30,
    "account": 40,
}


def kill_at_steps(
    stride: int,
    prepare: Callable[[], Scene],
    work: Callable[[Scene], Any],
    check: Callable[[Scene, End], None],
) -> int:
    """Kill `work` at step 1, 1 + stride, ... until it ends alive.

    Returns the last step at which it was killed. Each run has a scene of its own. The
    files of earlier runs stay, and are compared again each time.
    """
    # Whatever is imported at first use is imported before the forks.
    work(prepare())
    for step in count(1, stride):
        scene = prepare()
        end = run_killed_at(step, lambda scene=scene: work(scene))
        assert_all_is_named()
        check(scene, end)
        if not end.killed:
            break
    return step - stride


def sweep() -> None:
    """Sweep what crashes have left, without waiting until it is due."""
    let_time_pass()
    sweep_to_the_end()


def check_operation(operation: Operation, scene: Scene, end: End) -> None:
    sweep()
    assert_sides_are_equal()
    found = gallery(scene.owner.pk)
    if end.answer is None:
        assert found in (operation.before, operation.after)
    else:
        assert end.answer == operation.status
        assert found == operation.after


@pytest.mark.parametrize("stride", SOME_OR_ALL)
@pytest.mark.parametrize("name", OPERATIONS)
def test_killed__an_operation_of_the_api(name, stride):
    operation = OPERATIONS[name]
    steps = kill_at_steps(
        stride,
        operation.prepare,
        lambda scene: operation.call(scene).status_code,
        lambda scene, end: check_operation(operation, scene, end),
    )
    assert steps >= AT_LEAST[name] - stride + 1, steps


@pytest.mark.parametrize("stride", SOME_OR_ALL)
@pytest.mark.parametrize("name", ["upload", "replace", "bulk_delete"])
def test_killed__a_request_with_a_key_is_done_once_by_its_retry(name, stride):
    operation = OPERATIONS[name]

    def check(scene: Scene, end: End) -> None:
        # The claim of the killed process expires.
        IdempotencyKey.objects.filter(status=None).update(
            claimed_at=timezone.now() - timedelta(minutes=5)
        )
        response = operation.call(scene)
        assert response.status_code == operation.status, response.content
        if end.answer is not None:
            assert response.json() == end.answer
        sweep_to_the_end()
        assert_sides_are_equal()
        assert gallery(scene.owner.pk) == operation.after

    steps = kill_at_steps(
        stride,
        lambda: operation.prepare(key="retried"),
        lambda scene: operation.call(scene).json(),
        check,
    )
    assert steps >= AT_LEAST[name] + 7 - stride + 1, steps


def prepare_deletions() -> Scene:
    """Schedule deletions of all kinds, next to two images."""
    scene = make_scene((10, 11))
    storage = imagekit_storage()
    receipt = DeletionReceipt.objects.create(user=scene.owner)
    for number, with_id in enumerate((True, True, False)):
        name = storage.save(f"{scene.owner.pk}/{number}.jpg", picture(12))
        PendingDeletion.objects.create(
            name=name if with_id else StoredName.parse(name).path,
            reason="deleted",
            purge=number == 0,
            receipt=receipt,
        )
    # A reservation whose upload has never arrived.
    PendingDeletion.objects.create(
        name=f"{scene.owner.pk}/never.jpg", reason="reservation"
    )
    # A file that is deleted, but perhaps not its copies.
    name, now = f"{scene.owner.pk}/purged.jpg", timezone.now()
    PendingDeletion.objects.create(
        name=name,
        reason="taken_down",
        purge=True,
        receipt=DeletionReceipt.objects.create(
            user=scene.owner, file_deleted=now, purge_requested=now
        ),
        file_deleted_at=now,
        purge_ordered_at=now,
        purge_request_id=storage.purge(name),
    )
    return scene


def ordered_urls(scene: Scene) -> list[str]:
    owner = str(scene.owner.pk)
    return [one["url"] for one in get_app().purges() if owner in one["url"]]


def run_task(scene: Scene) -> bool:
    delete_in_background.enqueue()
    return True


def run_sweep(scene: Scene) -> bool:
    call_command("sweep_files", stdout=StringIO())
    return True


@pytest.mark.parametrize("stride", SOME_OR_ALL)
@pytest.mark.parametrize(
    ("run", "at_least", "polls"),
    [(run_task, 40, 1), (run_sweep, 75, 0)],
    ids=["task", "sweep"],
)
def test_killed__a_deletion_is_taken_up_again(run, at_least, polls, stride, settings):
    settings.IMAGEKIT_EMULATOR["PURGE_PENDING_POLLS"] = polls
    repeated = 0

    def check(scene: Scene, end: End) -> None:
        nonlocal repeated
        if end.answer:
            # Reservations need a look-up, so they and the purges are left to the sweep.
            left = PendingDeletion.objects.exclude(reason="reservation")
            assert not left.filter(purge_ordered_at=None).exists()
        sweep_to_the_end()
        assert_sides_are_equal()
        assert gallery(scene.owner.pk) == [("unlisted", 10), ("unlisted", 11)]
        orders = ordered_urls(scene)
        assert len(set(orders)) == 2
        assert len(orders) <= 3
        repeated += len(orders) - 2

    steps = kill_at_steps(stride, prepare_deletions, run, check)
    assert steps >= at_least - stride + 1, steps
    kills = 1 + (steps - 1) // stride
    # Two images in each scene, also in those of the first run and of the last.
    assert Image.objects.count() == 2 * (kills + 2)
    # An order is repeated only after a kill between the order and its commit.
    assert 2 // stride <= repeated <= 12, repeated
