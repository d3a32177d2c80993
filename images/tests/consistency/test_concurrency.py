"""Many at once on the same rows: no deadlock, no double work, equal sides.

SQLite has one writer at a time, and gets fewer threads. Each thread has a
connection of its own.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from images.models import IdempotencyKey, Image
from images.outbox.models import PendingDeletion
from images.services.quota import add_to_totals
from images.tests.consistency.crowds import (
    LONGEST,
    add_pending_files,
    count_remote_files,
    run_at_once,
)
from images.tests.consistency.operations import (
    PASSWORD,
    URL,
    Scene,
    make_scene,
    picture,
)
from images.tests.consistency.sides import (
    assert_sides_are_equal,
    gallery,
    sweep_to_the_end,
)
from images.tests.consistency.wire import recorded_deletions

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 12
# What each request may answer when others are at work on the same image.
PROMISED = {
    "upload": {201},
    "replace": {200, 404, 409},
    "visibility": {200, 404, 409},
    "caption": {200, 404},
    "delete": {204, 404},
    "bulk": {200},
}


def number_of_clients() -> int:
    return 16 if connection.vendor == "postgresql" else 4


class Visitor:
    """One client of the user, which does something different each round."""

    def __init__(self, scene: Scene, seed: int, also: set[int] | None = None) -> None:
        self.scene = scene
        self.random = random.Random(seed)
        self.answers: Counter[tuple[str, int]] = Counter()
        self.also = also or set()

    def __call__(self) -> None:
        for _ in range(ROUNDS):
            action = self.random.choice(list(PROMISED))
            response = self.act(action)
            self.answers[action, response.status_code] += 1
            allowed = PROMISED[action] | self.also
            assert response.status_code in allowed, (action, response.content)

    def act(self, action: str):
        api, ids = self.scene.api, self.some_ids()
        url = f"{URL}{ids[0]}/"
        file = {"file": picture(self.random.randint(9, 40))}
        to = {"visibility": self.random.choice(["public", "private"])}
        calls: dict[str, Callable] = {
            "upload": lambda: api.post(URL, file, format="multipart"),
            "replace": lambda: api.patch(url, file, format="multipart"),
            "visibility": lambda: api.patch(url, to, format="json"),
            "caption": lambda: api.patch(url, {"caption": "new"}, format="json"),
            "delete": lambda: api.delete(url),
            "bulk": lambda: api.post(f"{URL}bulk-delete/", {"ids": ids}, format="json"),
        }
        return calls[action]()

    def some_ids(self) -> list[str]:
        """Return ids that other threads use too."""
        newest = Image.objects.filter(owner=self.scene.owner).order_by("-pk")
        ids = [str(key) for key in newest.values_list("pk", flat=True)[:3]]
        self.random.shuffle(ids)
        return ids or ["00000000-0000-0000-0000-000000000000"]


def sweep(grace: int | None = None) -> None:
    call_command("sweep_files", grace=grace, stdout=StringIO())


def sweep_again_and_again() -> None:
    for _ in range(ROUNDS):
        sweep()


def reconcile() -> None:
    for _ in range(3):
        call_command("reconcile_files", fix=True, stdout=StringIO())


def test_clients_sweepers_and_a_reconcile_at_once():
    scene = make_scene((10, 11, 12))
    visitors = [Visitor(scene, seed) for seed in range(number_of_clients())]
    others = [sweep_again_and_again, sweep_again_and_again, reconcile]
    with recorded_deletions() as deletions:
        run_at_once([*visitors, *others])
    answers = sum((visitor.answers for visitor in visitors), Counter())
    assert sum(answers.values()) == ROUNDS * len(visitors)
    assert not deletions.repeated()
    uploaded = answers["upload", 201] + 3
    assert Image.objects.count() <= uploaded
    sweep_to_the_end()
    assert_sides_are_equal()
    assert len(gallery(scene.owner.pk)) == Image.objects.count()


def test_account_deletion_while_its_images_are_in_use():
    """Each request gets the same answer as before or after the deletion."""
    for turn in range(3):
        scene = make_scene((10, 11, 12))
        also = {401}
        visitors = [
            Visitor(scene, 100 * turn + seed, also)
            for seed in range(number_of_clients())
        ]
        answers: list[int] = []

        def leave(scene: Scene = scene, answers: list[int] = answers) -> None:
            response = scene.api.delete(
                "/api/v1/users/me/", {"password": PASSWORD}, format="json"
            )
            answers.append(response.status_code)

        with recorded_deletions() as deletions:
            run_at_once([*visitors, leave, sweep_again_and_again])
        assert answers == [204]
        assert not deletions.repeated()
        assert gallery(scene.owner.pk) is None
        sweep_to_the_end()
        assert_sides_are_equal()


def test_account_deletion_and_a_deletion_at_once_do_not_lock_each_other_out():
    """Both lock the same two rows, so they must do it in the same order."""
    for _ in range(20):
        scene = make_scene((10, 11))
        answers: list[int] = []

        def leave(scene: Scene = scene, answers: list[int] = answers) -> None:
            body = {"password": PASSWORD}
            response = scene.api.delete("/api/v1/users/me/", body, format="json")
            answers.append(response.status_code)

        def bulk(scene: Scene = scene, answers: list[int] = answers) -> None:
            body = {"ids": scene.ids(2)}
            response = scene.api.post(f"{URL}bulk-delete/", body, format="json")
            answers.append(response.status_code)

        run_at_once([leave, bulk, bulk])
        assert set(answers) <= {200, 204, 401}, answers
        assert answers.count(204) == 1
    sweep_to_the_end()
    assert_sides_are_equal()


def test_accounts_in_a_query_set_are_locked_before_what_goes_with_them():
    """They have no images, so no deletion of images locks their rows first."""
    scene = make_scene(())
    now = timezone.now()
    row = IdempotencyKey.objects.create(user=scene.owner, key="k", claimed_at=now)
    locked = threading.Event()

    def upload() -> None:
        with transaction.atomic():
            add_to_totals(scene.owner.pk)
            locked.set()
            # Until the deletion waits for the owner.
            time.sleep(0.5)
            assert IdempotencyKey.objects.filter(pk=row.pk).update(status=201)

    def delete() -> None:
        locked.wait(LONGEST)
        User.objects.filter(pk=scene.owner.pk).delete()

    run_at_once([upload, delete])
    assert not User.objects.exists()


@pytest.mark.parametrize("grace", [None, 30])
def test_two_sweepers_share_the_work(grace):
    ids = add_pending_files(1000)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    PendingDeletion.objects.update(created_at=an_hour_ago)
    with recorded_deletions() as deletions:
        run_at_once([lambda: sweep(grace), lambda: sweep(grace)])
    assert set(deletions.deleted) == set(ids)
    assert not deletions.repeated()
    assert not PendingDeletion.objects.exists()
    assert count_remote_files() == 0


def test_sweep__of_many_takes_a_call_for_each_hundred():
    add_pending_files(2000)
    with recorded_deletions() as deletions:
        sweep()
    assert deletions.bulk_calls <= 21
    assert not deletions.repeated()
    assert not PendingDeletion.objects.exists()
    assert count_remote_files() == 0
