"""Races: a second operation starts between two steps of the first."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from images.models import IdempotencyKey
from images.outbox.deletion import delete_due_files
from images.tests.consistency.operations import (
    OPERATIONS,
    URL,
    make_private,
    make_scene,
    picture,
    replace,
    upload,
)
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
    gallery,
    sweep_to_the_end,
)
from images.tests.consistency.sweeping import make_due
from images.tests.consistency.tracing import traced, traced_requests

pytestmark = pytest.mark.django_db(transaction=True)

ARRIVES, HAS_ARRIVED = "before POST /_imagekit/api", "after the answer of POST /_imag"
IS_FETCHED = "before GET /_imagekit/demo"


@contextmanager
def once_at(step: str, act: Callable[[], Any]):
    """Do `act` when the first request reaches this step, which one must reach."""
    done = []

    def on_step(name: str) -> None:
        if name.startswith(step) and not done:
            done.append(name)
            act()

    with traced_requests(on_step):
        yield
    assert done, f"no request came to the step {step!r}"


def sweep_all_that_is_reserved() -> None:
    """Sweep all reservations, as for uploads that take more than an hour."""
    make_due()
    delete_due_files()


@pytest.mark.parametrize("step", [ARRIVES, HAS_ARRIVED])
@pytest.mark.parametrize("name", ["upload", "replace", "visibility"])
def test_upload__that_outlives_its_reservation_leaves_nothing_behind(name, step):
    operation = OPERATIONS[name]
    scene = operation.prepare()
    with once_at(step, sweep_all_that_is_reserved):
        response = operation.call(scene)
    assert response.status_code == 503
    assert gallery(scene.owner.pk) == operation.before
    assert_all_is_named()
    sweep_to_the_end()
    assert_sides_are_equal()


@pytest.mark.parametrize("name", ["upload", "replace", "visibility"])
def test_upload__whose_reservation_is_being_swept_is_not_acknowledged(name):
    """The sweep claims the reservation first, and deletes the file later."""
    operation = OPERATIONS[name]
    scene = operation.prepare()
    claimed, committed = threading.Event(), threading.Event()

    def pause(step: str) -> None:
        if step.startswith("before GET /_imagekit/v1/files"):
            claimed.set()
            assert committed.wait(20)

    def sweep_in_thread() -> None:
        delete_due_files()
        connections.close_all()

    thread = threading.Thread(target=sweep_in_thread)

    def start_sweep() -> None:
        make_due()
        thread.start()
        assert claimed.wait(20)

    with traced_requests(pause), once_at(HAS_ARRIVED, start_sweep):
        response = operation.call(scene)
        committed.set()
        thread.join(20)
    assert_all_is_named()
    sweep_to_the_end()
    assert_sides_are_equal()
    done = response.status_code == operation.status
    assert done or response.status_code == 503
    assert gallery(scene.owner.pk) == (operation.after if done else operation.before)


@pytest.mark.parametrize("step", [IS_FETCHED, ARRIVES, HAS_ARRIVED])
def test_visibility__does_not_undo_a_replacement(step):
    """The fetched bytes are no longer those of the image."""
    scene = make_scene((10,))
    with once_at(step, lambda: assert_status(replace(scene), 200)):
        response = make_private(scene)
    # Done with the new picture, or refused: never a failure of the storage.
    assert response.status_code in (200, 409), response.content
    ((visibility, width),) = gallery(scene.owner.pk)
    assert width == 40, "the replacement was acknowledged"
    assert visibility == ("private" if response.status_code == 200 else "unlisted")
    sweep_to_the_end()
    assert_sides_are_equal()


@pytest.mark.parametrize("step", [IS_FETCHED, ARRIVES, HAS_ARRIVED])
def test_visibility__of_an_image_that_is_deleted_meanwhile_is_refused(step):
    scene = make_scene((10, 11))
    with once_at(step, lambda: assert_status(OPERATIONS["delete"].call(scene), 204)):
        response = make_private(scene)
    # A 409 says to try again, and then it is a 404.
    assert response.status_code in (404, 409)
    assert make_private(scene).status_code == 404
    assert gallery(scene.owner.pk) == [("unlisted", 11)]
    sweep_to_the_end()
    assert_sides_are_equal()


def test_replace__does_not_undo_a_visibility_change():
    scene = make_scene((10,))
    with once_at(ARRIVES, lambda: assert_status(make_private(scene), 200)):
        response = replace(scene)
    assert response.status_code == 409
    assert gallery(scene.owner.pk) == [("private", 10)]
    sweep_to_the_end()
    assert_sides_are_equal()


def test_replace__of_a_deleted_account_is_not_acknowledged():
    scene = make_scene((10,))
    gone = OPERATIONS["account"]
    with once_at(ARRIVES, lambda: assert_status(gone.call(scene), 204)):
        response = replace(scene)
    assert response.status_code == 404
    sweep_to_the_end()
    assert_sides_are_equal()


def test_upload__of_a_deleted_account_is_401():
    scene = make_scene(())
    gone = OPERATIONS["account"]
    with once_at(ARRIVES, lambda: assert_status(gone.call(scene), 204)):
        response = upload(scene)
    assert response.status_code == 401
    sweep_to_the_end()
    assert_sides_are_equal()


def test_upload__that_ends_while_its_account_is_being_deleted_is_401():
    """The file is uploaded, and its row is added after the images were deleted."""
    scene, answers = make_scene(()), []
    arrived, may_end = threading.Event(), threading.Event()

    def pause(step: str) -> None:
        if step.startswith(HAS_ARRIVED):
            arrived.set()
            assert may_end.wait(20)

    def upload_in_thread() -> None:
        answers.append(upload(scene).status_code)
        connections.close_all()

    thread = threading.Thread(target=upload_in_thread)

    def let_it_end(step: str) -> None:
        if step.startswith('before DELETE FROM "accounts_user"'):
            may_end.set()
            # As it should, it waits for this transaction; so no longer than this.
            thread.join(0.5)

    with traced_requests(pause):
        thread.start()
        assert arrived.wait(20)
        with traced(let_it_end):
            assert_status(OPERATIONS["account"].call(scene), 204)
        thread.join(20)
    assert answers == [401]
    sweep_to_the_end()
    assert_sides_are_equal()


@pytest.mark.parametrize("name", ["upload", "replace"])
@pytest.mark.parametrize("step", [ARRIVES, HAS_ARRIVED])
def test_key__of_a_request_that_slept_past_its_claim_is_done_once(name, step):
    """The retry took over and did the work, which the first request must notice."""
    operation = OPERATIONS[name]
    scene = operation.prepare(key="retried")
    uploads = []

    def retry() -> None:
        IdempotencyKey.objects.update(claimed_at=timezone.now() - timedelta(minutes=5))
        uploads.append(operation.call(scene))

    with once_at(step, retry):
        late = operation.call(scene)
    assert uploads[0].status_code == operation.status
    assert late.status_code in (operation.status, 409)
    if late.status_code == operation.status:
        assert late.json() == uploads[0].json()
    assert operation.call(scene).json() == uploads[0].json()
    assert gallery(scene.owner.pk) == operation.after
    sweep_to_the_end()
    assert_sides_are_equal()


def test_deletion__of_a_replaced_file_never_meets_the_new_one():
    """Of two concurrent replacements one wins, and both old files are deleted."""
    scene = make_scene((10,))
    with once_at(ARRIVES, lambda: assert_status(replace_with(scene, 41), 200)):
        assert_status(replace_with(scene, 42), 200)
    assert gallery(scene.owner.pk) == [("unlisted", 42)]
    sweep_to_the_end()
    assert_sides_are_equal()


def replace_with(scene, width: int):
    url = f"{URL}{scene.images[0].pk}/"
    return scene.api.patch(url, {"file": picture(width)}, format="multipart")


def assert_status(response, status: int) -> None:
    assert response.status_code == status, response.content
