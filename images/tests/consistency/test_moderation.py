"""The crash and fault matrices of moderation: files are unreachable, never lost."""

import threading
from contextlib import suppress
from functools import partial
from uuid import UUID

import pytest

from accounts.models import User
from imagekit_emulator.faults import Fault
from images.imagekit.errors import StorageError
from images.imagekit.names import StoredName
from images.models import Decision, Image, RemovedPicture, Report, State, Violation
from images.moderation import decisions, reports
from images.moderation.quarantine import quarantine_waiting
from images.services.exchange import ImageChanged
from images.tests.consistency.crowds import run_at_once
from images.tests.consistency.faults import (
    ALWAYS_OR_SOMETIMES,
    KINDS,
    QUICK_AND_DEEP,
)
from images.tests.consistency.killing import End
from images.tests.consistency.operations import (
    Scene,
    make_private,
    make_scene,
    replace,
)
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
    gallery,
    remote_files,
    sweep_to_the_end,
)
from images.tests.consistency.test_crashes import SOME_OR_ALL, kill_at_steps
from images.tests.consistency.test_races import (
    ARRIVES,
    HAS_ARRIVED,
    IS_FETCHED,
    once_at,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def moderator(make_user) -> User:
    return make_user("moderator@example.com", is_staff=True)


@pytest.fixture
def take_down(moderator):
    def act(scene: Scene) -> str:
        key = scene.images[0].pk
        decisions.take_down_image(
            image=key, by=moderator, seen=0, reason=Violation.SPAM
        )
        return "done"

    return act


@pytest.fixture
def restore(moderator):
    def act(scene: Scene) -> str:
        decisions.restore_image(image=scene.images[0].pk, by=moderator, seen=1)
        return "done"

    return act


def prepare_scene() -> Scene:
    # All these tests use the same picture, which must not be refused.
    RemovedPicture.objects.all().delete()
    return make_scene((10,))


@pytest.fixture
def taken_down(take_down):
    def prepare() -> Scene:
        scene = prepare_scene()
        take_down(scene)
        return scene

    return prepare


def assert_settled(key: UUID, owner: User) -> Image:
    """Check, after a sweep, that the picture is where its row says; return the row."""
    sweep_to_the_end()
    assert_sides_are_equal()
    # The picture is the one that was uploaded.
    assert gallery(owner.pk) == [("unlisted", 10)]
    image = Image.objects.get(pk=key)
    down = image.state == State.TAKEN_DOWN
    assert bool(image.quarantined_at) == down
    file = remote_files()[StoredName.parse(str(image.file.name)).path]
    assert file.private == down
    return image


@pytest.mark.parametrize("stride", SOME_OR_ALL)
def test_killed__taking_down(take_down, stride):
    def check(scene: Scene, end: End) -> None:
        image = assert_settled(scene.images[0].pk, scene.owner)
        decided = Decision.objects.filter(image_id=image.pk).exists()
        assert (image.state == State.TAKEN_DOWN) == decided
        assert decided or end.answer is None

    steps = kill_at_steps(stride, prepare_scene, take_down, check)
    assert steps >= 45 - stride + 1, steps


@pytest.mark.parametrize("stride", SOME_OR_ALL)
def test_killed__restoring(taken_down, restore, stride):
    def check(scene: Scene, end: End) -> None:
        image = assert_settled(scene.images[0].pk, scene.owner)
        restored = Decision.objects.filter(image_id=image.pk, action="restore").exists()
        assert (image.state == State.VISIBLE) == restored
        assert restored or end.answer is None

    steps = kill_at_steps(stride, taken_down, restore, check)
    assert steps >= 35 - stride + 1, steps


@pytest.mark.usefixtures("impatience")
@pytest.mark.parametrize("every", ALWAYS_OR_SOMETIMES)
@pytest.mark.parametrize("kind", QUICK_AND_DEEP)
@pytest.mark.parametrize("remote", ["upload", "delivery", "bulk_delete", "purge"])
def test_fault(remote, kind, every, emulator, taken_down, take_down, restore):
    first, second = prepare_scene(), taken_down()
    emulator.faults.add(Fault(remote, every=every, **KINDS[kind]))
    # A decision stays in force whatever ImageKit does.
    take_down(first)
    assert Image.objects.get(pk=first.images[0].pk).state == State.TAKEN_DOWN
    try:
        restore(second)
        restored = True
    except (StorageError, ImageChanged):
        restored = False
    assert_all_is_named()
    emulator.faults.clear()
    image = assert_settled(first.images[0].pk, first.owner)
    assert image.state == State.TAKEN_DOWN
    image = assert_settled(second.images[0].pk, second.owner)
    assert (image.state == State.VISIBLE) == restored


@pytest.mark.parametrize("step", [IS_FETCHED, ARRIVES, HAS_ARRIVED])
def test_restore__while_the_file_goes_into_quarantine(
    step, emulator, take_down, restore
):
    """The later one finds that the file has moved."""
    scene = prepare_scene()
    emulator.faults.add(Fault("upload", "status", status=403, next=1))
    take_down(scene)
    with once_at(step, lambda: restore(scene)):
        assert quarantine_waiting(10) == (0, 0)
    image = assert_settled(scene.images[0].pk, scene.owner)
    assert image.state == State.VISIBLE


def test_restore__once_the_file_has_gone_into_quarantine(
    emulator, take_down, restore, monkeypatch
):
    """The image was read before, but must not be shown from quarantine."""
    scene = prepare_scene()
    emulator.faults.add(Fault("upload", "status", status=403, next=1))
    take_down(scene)
    decide = decisions._decide

    def late(*args, **fields):
        assert quarantine_waiting(10) == (1, 0)
        return decide(*args, **fields)

    with monkeypatch.context() as patched:
        patched.setattr(decisions, "_decide", late)
        with pytest.raises(ImageChanged):
            restore(scene)
    restore(scene)
    image = assert_settled(scene.images[0].pk, scene.owner)
    assert image.state == State.VISIBLE


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (replace, ARRIVES),
        (replace, HAS_ARRIVED),
        (make_private, IS_FETCHED),
        (make_private, ARRIVES),
        (make_private, HAS_ARRIVED),
    ],
)
def test_take_down__while_the_owner_changes_the_image(change, step, take_down):
    """Neither of them makes the picture visible again, or loses it."""
    scene = prepare_scene()
    with once_at(step, lambda: take_down(scene)):
        response = change(scene)
    assert response.status_code in (403, 409), response.content
    image = assert_settled(scene.images[0].pk, scene.owner)
    assert image.state == State.TAKEN_DOWN


def test_reports__of_each_other_s_images_at_once(
    user, stranger, stored_image, monkeypatch
):
    """Both lock the other's row when they insert the report."""
    mine, theirs = stored_image(), stored_image(owner=stranger)
    both = threading.Barrier(2)
    count = reports.count_report

    def meet(image: Image) -> None:
        count(image)
        # SQLite has one writer at a time, so no other request runs.
        with suppress(threading.BrokenBarrierError):
            both.wait(1)

    monkeypatch.setattr(reports, "count_report", meet)
    run_at_once(
        [
            partial(reports.report_image, image=image, by=by, reason="spam")
            for image, by in ((mine, stranger), (theirs, user))
        ]
    )
    assert Report.objects.count() == 2
