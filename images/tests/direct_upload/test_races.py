"""Races between the completion of a ticket and other operations."""

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.models.signals import post_save
from django.test import Client

from images.models import Image, UploadTicket
from images.outbox.deletion import delete_due_files
from images.tests.consistency.crowds import run_at_once
from images.tests.consistency.killing import End
from images.tests.consistency.operations import (
    PASSWORD,
    Scene,
    make_scene,
    send_directly,
)
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
    gallery,
    let_time_pass,
    sweep_to_the_end,
)
from images.tests.consistency.test_crashes import SOME_OR_ALL, kill_at_steps
from images.tests.consistency.test_races import once_at
from images.tests.consistency.tracing import traced_requests
from images.tests.direct_upload.conftest import SECRET, post_event

pytestmark = pytest.mark.django_db(transaction=True)

IS_ASKED = "before GET /_imagekit/v1/files"
HAS_ANSWERED = "after the answer of GET /_imagekit/v1/files"


@pytest.fixture
def scene() -> Scene:
    scene = make_scene(())
    scene.sent = send_directly(scene.api, 40)
    return scene


def complete(scene: Scene) -> int:
    return scene.sent.complete(scene.api).status_code


def sweep_what_is_reserved() -> None:
    let_time_pass()
    delete_due_files()


@pytest.mark.parametrize(
    ("step", "status"), [(IS_ASKED, 400), (HAS_ANSWERED, 410)], ids=["before", "after"]
)
def test_completion__that_the_sweep_overtakes_makes_no_image(scene, step, status):
    with once_at(step, sweep_what_is_reserved):
        assert complete(scene) == status
    assert gallery(scene.owner.pk) == []
    assert_all_is_named()
    sweep_to_the_end()
    assert_sides_are_equal()


def test_completion__while_the_sweep_is_about_to_delete_makes_no_image(scene):
    """The sweep has claimed the reservation, and deletes after the answer."""
    claimed, answered = threading.Event(), threading.Event()

    def pause(step: str) -> None:
        if threading.current_thread() is thread and step.startswith("before GET"):
            claimed.set()
            assert answered.wait(20)

    def sweep_in_thread() -> None:
        delete_due_files()
        connections.close_all()

    thread = threading.Thread(target=sweep_in_thread)

    def start_sweep() -> None:
        let_time_pass()
        thread.start()
        assert claimed.wait(20)

    with traced_requests(pause), once_at(HAS_ANSWERED, start_sweep):
        status = complete(scene)
        answered.set()
        thread.join(20)
    assert status == 410
    assert gallery(scene.owner.pk) == []
    sweep_to_the_end()
    assert_sides_are_equal()


def test_completion__that_another_one_overtakes_leaves_its_file(scene):
    """The reservation is gone because the image is there, not because of a sweep."""
    with once_at(HAS_ANSWERED, lambda: complete(scene)):
        assert complete(scene) == 200
    let_time_pass()
    sweep_to_the_end()
    assert gallery(scene.owner.pk) == [("unlisted", 40)]
    assert_sides_are_equal()


def test_completion__many_at_once_make_one_image(scene):
    statuses: Counter[int] = Counter()
    run_at_once([lambda: statuses.update([complete(scene)])] * 8)
    assert statuses == {201: 1, 200: 7}
    let_time_pass()
    sweep_to_the_end()
    assert gallery(scene.owner.pk) == [("unlisted", 40)]
    assert_sides_are_equal()


def test_completion__beside_the_deletion_of_the_account():
    """Both lock the same rows in the same order, so neither fails or waits for ever."""
    statuses: Counter[int] = Counter()

    def delete_account(scene: Scene) -> None:
        body = {"password": PASSWORD}
        response = scene.api.delete("/api/v1/users/me/", body)
        statuses.update([response.status_code])

    scenes = [make_scene(()) for _ in range(6)]
    for scene in scenes:
        scene.sent = send_directly(scene.api, 40)
    tasks = [lambda one=one: statuses.update([complete(one)]) for one in scenes]
    tasks += [lambda one=one: delete_account(one) for one in scenes]
    run_at_once(tasks)
    assert statuses.pop(204) == 6
    # Completed before, or not found: the account, or with it the ticket.
    assert set(statuses) <= {201, 401, 404}, statuses
    assert not Image.objects.exists()
    assert_all_is_named()
    let_time_pass()
    sweep_to_the_end()
    assert_sides_are_equal()


def test_completion__is_answered_when_the_account_is_deleted_right_after_it(scene):
    """The answer names the owner, who is no longer in the database."""

    def delete_account() -> None:
        body = {"password": PASSWORD}
        assert scene.api.delete("/api/v1/users/me/", body).status_code == 204

    def delete_when_saved(**kwargs: Any) -> None:
        transaction.on_commit(delete_account)

    post_save.connect(delete_when_saved, sender=Image)
    try:
        assert complete(scene) == 201
    finally:
        post_save.disconnect(delete_when_saved, sender=Image)
    assert not Image.objects.exists()
    sweep_to_the_end()
    assert_sides_are_equal()


@pytest.mark.parametrize("stride", SOME_OR_ALL)
def test_killed__a_message_is_dealt_with_when_it_comes_again(stride, settings):
    """ImageKit sends again what was not answered."""
    settings.IMAGEKIT_WEBHOOK_SECRET = SECRET

    def prepare() -> Scene:
        scene = make_scene(())
        scene.sent = send_directly(scene.api, 40)
        return scene

    def tell(scene: Scene) -> int:
        path = UploadTicket.objects.get(pk=scene.sent.ticket).path
        data = {"filePath": f"/media/{path}", "fileId": scene.sent.file_id}
        event = {"type": "file.created", "id": "evt_1", "data": data}
        return post_event(Client(), event, f"msg_{scene.sent.ticket}").status_code

    def check(scene: Scene, end: End) -> None:
        assert end.answer in (None, 200)
        assert tell(scene) == 200
        assert gallery(scene.owner.pk) == [("unlisted", 40)]
        sweep_to_the_end()
        assert_sides_are_equal()

    assert kill_at_steps(stride, prepare, tell, check) >= 20 - stride + 1
