"""The events of images are noted with each change, however it is made."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from images.models import Image, Violation
from images.moderation import decisions
from images.moderation.quarantine import delete_old_originals, quarantine_waiting
from images.services.delete import delete_image
from images.tests.changes import replace_file, update_image
from images.tests.pictures import make_image
from mediabackend.db.ids import uuid7
from mediabackend.events.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("events_on")]


def noted() -> list[str]:
    """Return the kinds of the events of images, from the oldest on."""
    rows = Event.objects.filter(kind__startswith="image.").order_by("pk")
    return [row.kind.removeprefix("image.") for row in rows]


def last() -> Event:
    return Event.objects.filter(kind__startswith="image.").latest("pk")


@pytest.fixture
def image(stored_image) -> Image:
    """Return a public image whose own event is forgotten."""
    image = stored_image(visibility="public", caption="Ann at home")
    Event.objects.all().delete()
    return image


@pytest.fixture
def moderator(make_user) -> User:
    return make_user("moderator@example.com", is_staff=True)


def test_upload__notes_an_event(stored_image, user):
    image = stored_image(visibility="public")
    assert noted() == ["created"]
    event = last()
    assert (event.subject, event.owner) == (image.pk, user.pk)
    assert event.data == {
        "visibility": "public",
        "state": "visible",
        "version": 1,
        "url": image.url(),
    }


@pytest.mark.parametrize(
    ("fields", "transformation"),
    [({"format": "heic"}, "f-jpg"), ({"delivered_as_is": True}, "orig-true")],
)
def test_url__is_one_that_browsers_show(user, fields, transformation):
    measures = {"width": 64, "height": 48, "size": 1, "format": "jpeg"}
    Image.objects.create(owner=user, file="x/y~id.heic", **measures | fields)
    assert last().data["url"].endswith(f"?tr={transformation}")


def test_bulk_create__notes_an_event_of_each_new_image(image, user):
    rows = [
        Image(pk=uuid7(), owner=user, file="x/y~i.jpg", width=1, height=1, size=1)
        for _ in range(3)
    ]
    Image.objects.bulk_create(rows)
    Image.objects.bulk_create([image, *rows], ignore_conflicts=True)
    assert noted() == ["created"] * 3


@pytest.mark.parametrize(
    "edits",
    [{"caption": "New"}, {"alt_text": "New"}, {"visibility": "unlisted"}],
    ids=str,
)
def test_change__notes_an_event(image, edits):
    update_image(image=image, **edits)
    assert noted() == ["updated"]
    assert last().data["version"] == 2
    assert last().data["url"]


def test_change_to_private__gives_no_url(image):
    update_image(image=image, visibility="private")
    assert noted() == ["updated"]
    assert last().data["visibility"] == "private"
    assert last().data["url"] is None


def test_change_that_changes_nothing__has_no_event(image):
    update_image(image=image, caption=image.caption)
    assert noted() == []


def test_replacement__notes_an_event(image):
    image = replace_file(image=image, file=make_image(32, 32), caption="New")
    assert noted() == ["replaced"]
    assert last().data["url"] == image.url()


def test_decisions__note_events(image, moderator):
    def decide(action, **fields):
        row = Image.objects.get(pk=image.pk)
        seen = {"seen": row.decision_count} | fields
        action(image=row.pk, by=moderator, **seen)

    decide(decisions.approve_image)
    assert noted() == []
    decide(decisions.take_down_image, reason=Violation.SPAM)
    assert last().data["state"] == "taken_down"
    assert last().data["url"] is None
    # The move of the file is not a change that anybody sees.
    assert quarantine_waiting(1) == (1, 0)
    decide(decisions.restore_image)
    assert noted() == ["taken_down", "restored"]
    assert last().data["url"] == Image.objects.get().url()


def test_hiding__notes_events(image, moderator):
    decisions.hide_image(image, note="Many reports.")
    assert noted() == ["updated"]
    assert last().data["state"] == "hidden"
    assert last().data["url"] is None
    decisions.approve_image(image=image.pk, by=moderator, seen=1)
    assert noted() == ["updated", "updated"]
    assert last().data["state"] == "visible"


def delete_by_owner(image: Image) -> None:
    delete_image(image)


def delete_instance(image: Image) -> None:
    image.delete()


def delete_query_set(image: Image) -> None:
    Image.objects.filter(pk=image.pk).delete()


def delete_with_account(image: Image) -> None:
    image.owner.delete()


def delete_after_quarantine(image: Image) -> None:
    long_ago = timezone.now() - timedelta(days=60)
    Image.objects.update(state="taken_down", state_since=long_ago)
    assert delete_old_originals() == 1


@pytest.mark.parametrize(
    "delete",
    [
        delete_by_owner,
        delete_instance,
        delete_query_set,
        delete_with_account,
        delete_after_quarantine,
    ],
)
def test_deletion__notes_an_event(image, user, delete):
    owner = user.pk
    delete(image)
    assert noted() == ["deleted"]
    event = last()
    assert (event.subject, event.owner, event.data) == (image.pk, owner, {})
    # All columns are as those of other events.
    assert (event.state, event.attempts) == (Event.State.WAITING, 0)
    assert abs(event.due_at - timezone.now()) < timedelta(minutes=1)


def test_change_that_is_rolled_back__has_no_event(image):
    with transaction.atomic():
        update_image(image=image, caption="New")
        image.delete()
        transaction.set_rollback(True)
    assert noted() == []


def test_event__has_no_texts_of_people(image):
    update_image(image=image, caption="Ann at sea", alt_text="Ann")
    assert "Ann" not in last().body


def test_nothing_is_noted__without_a_receiver(settings, image, stored_image):
    settings.EVENTS_URL = ""
    stored_image()
    update_image(image=image, caption="New")
    image.owner.delete()
    assert not Event.objects.exists()
