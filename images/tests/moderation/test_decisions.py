"""Taking down and restoring: what everybody sees, and where the file is."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.models import Decision, Image, RemovedPicture, State, Violation
from images.moderation import decisions
from images.moderation.quarantine import awaiting_quarantine, quarantine_waiting
from images.outbox.models import PendingDeletion
from images.tests.consistency.sides import assert_sides_are_equal, sweep_to_the_end
from images.tests.moderation.conftest import URL
from images.tests.pictures import make_image

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def take_down(moderator):
    def act(image: Image, **fields) -> Decision:
        fields = {"seen": image.decision_count, "reason": Violation.SPAM, **fields}
        return decisions.take_down_image(image=image.pk, by=moderator, **fields)

    return act


def assert_settled() -> None:
    """Check both sides once the sweep has done what was left."""
    sweep_to_the_end()
    assert_sides_are_equal()


def sweep() -> str:
    out = StringIO()
    call_command("sweep_files", grace=0, stdout=out)
    return out.getvalue()


def test_take_down__hides_the_image_and_tells_its_owner_why(
    api, anonymous, make_public, take_down
):
    image = make_public()
    url = f"{URL}{image.pk}/"
    assert anonymous.get(url).status_code == 200
    take_down(image, note="No adverts.")
    assert anonymous.get(url).status_code == 404
    answer = api.get(url).json()
    assert answer["state"] == "taken_down"
    assert answer["url"] is answer["renditions"] is answer["placeholder"] is None
    assert answer["moderation"]["reason"] == "spam"
    assert answer["moderation"]["note"] == "No adverts."


def test_take_down__puts_the_file_out_of_reach(make_public, take_down, deliver):
    image = make_public()
    old = image.url()
    assert deliver(old)[0] == 200
    take_down(image)
    assert deliver(old)[0] == 404
    image.refresh_from_db()
    assert image.file.name.startswith("quarantine/")
    assert deliver(image.url().partition("?")[0])[0] == 401
    assert deliver(image.url())[0] == 200
    assert not PendingDeletion.objects.exclude(file_deleted_at=None).filter(purge=False)
    assert_settled()


def test_take_down__of_a_private_image_ends_its_signed_urls(
    make_public, take_down, deliver
):
    image = make_public(visibility="private")
    old = image.url()
    assert deliver(old)[0] == 200
    take_down(image)
    assert deliver(old)[0] == 404


def test_take_down__holds_at_once_and_is_finished_later(
    emulator, anonymous, make_public, take_down, deliver
):
    image = make_public()
    emulator.faults.add(Fault("upload", "status", status=500, every=1))
    take_down(image)
    assert anonymous.get(f"{URL}{image.pk}/").status_code == 404
    image.refresh_from_db()
    assert image.quarantined_at is None
    emulator.faults.clear()
    sweep()
    image.refresh_from_db()
    assert image.quarantined_at
    assert_settled()


def test_quarantine__of_one_that_fails_does_not_hold_up_the_others(
    emulator, make_public, take_down
):
    gone, other = make_public(), make_public()
    gone.storage.delete(gone.file.name)
    emulator.faults.add(Fault("upload", "status", status=500, every=1))
    for image in (gone, other):
        take_down(image)
    emulator.faults.clear()
    for _ in range(100):
        # Fails with a chance of one in 2 ** 100.
        if quarantine_waiting(1) == (1, 0):
            break
    assert awaiting_quarantine().get() == gone


def test_restore__brings_the_picture_back_under_a_new_path(
    api, anonymous, make_public, take_down, moderator, deliver
):
    image = make_public()
    first = image.url()
    take_down(image)
    image.refresh_from_db()
    quarantined = image.url()
    decisions.restore_image(image=image.pk, by=moderator, seen=1)
    answer = anonymous.get(f"{URL}{image.pk}/").json()
    assert answer["state"] == "visible"
    assert answer["moderation"] is None
    assert deliver(answer["url"].removeprefix("http://testserver"))[0] == 200
    assert answer["url"] != first
    assert deliver(quarantined)[0] == 404
    assert not RemovedPicture.objects.exists()
    assert_settled()


def test_restore__of_what_is_not_moved_yet_keeps_the_file(
    emulator, make_public, take_down, moderator, deliver
):
    image = make_public()
    emulator.faults.add(Fault("upload", "status", status=500, every=1))
    take_down(image)
    decisions.restore_image(image=image.pk, by=moderator, seen=1)
    emulator.faults.clear()
    sweep()
    assert deliver(image.url())[0] == 200
    assert_settled()


def test_restore__that_fails_leaves_the_image_down(
    emulator, anonymous, make_public, take_down, moderator
):
    image = make_public()
    take_down(image)
    emulator.faults.add(Fault("upload", "status", status=500, every=1))
    with pytest.raises(Exception, match="upload"):
        decisions.restore_image(image=image.pk, by=moderator, seen=1)
    emulator.faults.clear()
    assert anonymous.get(f"{URL}{image.pk}/").status_code == 404
    assert Decision.objects.filter(action="restore").count() == 0


def test_attack__a_stale_click_does_not_undo_another_decision(
    make_public, take_down, moderator
):
    image = make_public()
    decisions.approve_image(image=image.pk, by=moderator, seen=0)
    with pytest.raises(decisions.NotPossible, match="Somebody else decided"):
        take_down(image)
    assert Image.objects.get().state == State.VISIBLE
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("change", ["caption", "visibility", "file"])
def test_attack__the_owner_cannot_change_what_is_taken_down(
    api, make_public, take_down, change
):
    image = make_public()
    take_down(image)
    url = f"{URL}{image.pk}/"
    if change == "file":
        response = api.patch(url, {"file": make_image()}, format="multipart")
    else:
        value = {"caption": "New", "visibility": "private"}[change]
        response = api.patch(url, {change: value})
    assert response.status_code == 403
    assert response.json()["errors"][0]["code"] == "taken_down"
    assert_settled()


def test_owner__can_delete_what_is_taken_down(api, make_public, take_down):
    image = make_public()
    take_down(image)
    assert api.delete(f"{URL}{image.pk}/").status_code == 204
    assert RemovedPicture.objects.get().image_id == image.pk
    assert_settled()


@pytest.mark.parametrize("whole_account", [False, True])
def test_attack__the_owner_deletes_before_the_copies_are_purged(
    api, emulator, user, make_public, take_down, whole_account
):
    image = make_public()
    emulator.faults.add(Fault("upload", "status", status=500, every=1))
    take_down(image)
    emulator.requests.clear()
    if whole_account:
        user.delete()
    else:
        api.delete(f"{URL}{image.pk}/")
    assert emulator.requests.counts()["purge"] == 1


def test_quarantine__ends_after_its_days(settings, make_public, take_down):
    settings.QUARANTINE_DAYS = 30
    image = make_public()
    take_down(image)
    an_hour = timedelta(hours=1)
    Image.objects.update(state_since=timezone.now() - timedelta(days=30) + an_hour)
    assert "deleted from quarantine 0" in sweep()
    Image.objects.update(state_since=timezone.now() - timedelta(days=30))
    assert "deleted from quarantine 1" in sweep()
    assert not Image.objects.exists()
    assert Decision.objects.count() == RemovedPicture.objects.count() == 1
    assert_settled()


def test_decisions__are_a_log_that_nobody_changes(make_public, take_down, moderator):
    image = make_public()
    decision = take_down(image)
    assert decision.moderator == moderator
    assert decision.image_id == image.pk
    assert decision.user_id == image.owner_id
    decision.note = "Another"
    with pytest.raises(PermissionDenied):
        decision.save()
    image.refresh_from_db()
    image.delete()
    assert Decision.objects.count() == 1
