"""The fault matrix: the answers to callers, and equal sides afterwards."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import call_command

from imagekit_emulator.faults import Fault
from images.imagekit.aliases import imagekit_storage
from images.imagekit.names import StoredName
from images.outbox.models import PendingDeletion
from images.tests.consistency.faults import (
    ALWAYS_OR_SOMETIMES,
    KINDS,
    QUICK_AND_DEEP,
    REMOTE,
    RESET_SECONDS,
)
from images.tests.consistency.operations import (
    OPERATIONS,
    Operation,
    Scene,
    picture,
)
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
    gallery,
    let_time_pass,
    sweep_to_the_end,
)

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("impatience"),
]


def add_expired_reservation(scene: Scene) -> None:
    """Add a file that is known by its path only, so that it has to be looked up."""
    path = f"{scene.owner.pk}/left.jpg"
    imagekit_storage().save(path, picture(9))
    PendingDeletion.objects.create(name=path, reason="reservation")


def assert_answer_is_promised(
    operation: Operation, remote: str, kind: str, response
) -> bool:
    """Check the answer against the contract; returns whether the request succeeded."""
    if response.status_code == operation.status:
        return True
    assert remote in operation.needs, response.content
    code = response.json()["errors"][0]["code"]
    if kind == "403":
        assert (response.status_code, code) == (502, "storage_rejected")
    else:
        assert (response.status_code, code) == (503, "storage_unavailable")
        wait = int(response["Retry-After"])
        assert (
            wait == RESET_SECONDS if kind == "429" and remote == "upload" else wait >= 1
        )
    return False


@pytest.mark.parametrize("every", ALWAYS_OR_SOMETIMES)
@pytest.mark.parametrize("kind", QUICK_AND_DEEP)
@pytest.mark.parametrize("remote", REMOTE)
def test_fault(remote, kind, every, emulator, settings):
    settings.IMAGEKIT_PURGE_ON = "delete"
    scenes = {name: one.prepare() for name, one in OPERATIONS.items()}
    add_expired_reservation(scenes["delete"])
    emulator.faults.add(Fault(remote, every=every, **KINDS[kind]))
    for name, operation in OPERATIONS.items():
        scene = scenes[name]
        response = operation.call(scene)
        done = assert_answer_is_promised(operation, remote, kind, response)
        if every == 1:
            assert done == (remote not in operation.needs), name
        expected = operation.after if done else operation.before
        assert gallery(scene.owner.pk) == expected, name
        assert_all_is_named()
    # A sweep with the same faults ends, and loses no row.
    call_command("sweep_files", grace=0, stdout=StringIO())
    assert_all_is_named()
    emulator.faults.clear()
    let_time_pass()
    sweep_to_the_end()
    assert_sides_are_equal()


def test_fault__that_gives_another_picture_does_not_replace_the_image(emulator):
    """A change of visibility fetches the file, and must store exactly the same."""
    operation = OPERATIONS["visibility"]
    for kind in ("garbage", "empty"):
        scene = operation.prepare()
        emulator.faults.add(Fault("delivery", kind, next=1))
        response = operation.call(scene)
        assert response.status_code == 503, kind
        assert gallery(scene.owner.pk) == operation.before


def count_calls(emulator, work: Callable[[], object]) -> dict[str, int]:
    emulator.requests.clear()
    work()
    return emulator.requests.counts()


@pytest.mark.parametrize("remote", ["list", "bulk_delete", "purge"])
@pytest.mark.parametrize("kind", ["500", "429", "time-out", "dropped"])
def test_outage__costs_a_request_few_calls_whatever_is_due(
    remote, kind, emulator, settings
):
    """A DELETE also deletes due files, but must not wait long for ImageKit.

    With ImageKit hanging, each call costs the caller twice the time-out.
    """
    # The DELETE orders purges too, if its own file wants one.
    settings.IMAGEKIT_PURGE_ON = "delete"
    scene = OPERATIONS["delete"].prepare()
    for number in range(20):
        path = f"{scene.owner.pk}/{number}.jpg"
        file_id = None if remote == "list" else f"{number:024x}"
        name = str(StoredName(path, file_id))
        PendingDeletion.objects.create(name=name, reason="deleted", purge=True)
    if remote == "purge":
        PendingDeletion.objects.update(file_deleted_at="2020-01-01T00:00Z")
    emulator.faults.add(Fault(remote, every=1, **KINDS[kind]))
    calls = count_calls(emulator, lambda: OPERATIONS["delete"].call(scene).status_code)
    assert calls[remote] <= 4, calls
