"""The events of users are noted with each change, however it is made."""

import pytest
from django.core import serializers
from django.db import transaction

from accounts.managers import UserQuerySet
from accounts.models import User
from conftest import PASSWORD
from mediabackend.events.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("events_on")]


def noted() -> list[tuple[str, object]]:
    """Return the events of users from the oldest on."""
    rows = Event.objects.filter(kind__startswith="user.").order_by("pk")
    return list(rows.values_list("kind", "subject"))


@pytest.fixture
def ann(user) -> User:
    """Return a user whose own event is forgotten."""
    Event.objects.all().delete()
    return user


def test_sign_up__notes_an_event(anonymous):
    body = {"email": "cy@example.com", "password": PASSWORD}
    response = anonymous.post("/api/v1/auth/signup/", body)
    assert response.status_code == 201
    assert noted() == [("user.created", User.objects.get().pk)]


def test_bulk_create__notes_an_event_of_each_new_user(ann):
    bob, cy = User(email="bob@example.com"), User(email="cy@example.com")
    again = [User(email=ann.email), bob]
    User.objects.bulk_create(again, ignore_conflicts=True)
    User.objects.bulk_create([bob, cy], ignore_conflicts=True)
    assert noted() == [("user.created", bob.pk), ("user.created", cy.pk)]


def suspend_by_update(user: User, active: bool) -> None:
    User.objects.filter(pk=user.pk).update(is_active=active)


def suspend_by_save(user: User, active: bool) -> None:
    user.is_active = active
    user.save()


def suspend_by_save_of_a_field(user: User, active: bool) -> None:
    user.is_active = active
    user.save(update_fields=["is_active"])


def suspend_by_bulk_update(user: User, active: bool) -> None:
    user.is_active = active
    User.objects.bulk_update([user], ["is_active"])


@pytest.mark.parametrize(
    "change",
    [
        suspend_by_update,
        suspend_by_save,
        suspend_by_save_of_a_field,
        suspend_by_bulk_update,
    ],
)
def test_activity__is_noted_when_it_changes(ann, change):
    for active in (False, False, True, True):
        change(ann, active)
    assert noted() == [("user.suspended", ann.pk), ("user.reinstated", ann.pk)]


def test_other_changes__have_no_event(ann):
    ann.display_name = "Anna"
    ann.set_password("another horse 9")
    ann.save()
    User.objects.update(email_verified=True)
    assert noted() == []


def delete_instance(user: User) -> None:
    user.delete()


def delete_query_set(user: User) -> None:
    User.objects.filter(pk=user.pk).delete()


@pytest.mark.parametrize("delete", [delete_instance, delete_query_set])
def test_deletion__notes_an_event(ann, delete):
    key = ann.pk
    delete(ann)
    assert noted() == [("user.deleted", key)]


def test_deletion_by_the_owner__notes_an_event(client_of, ann):
    body = {"password": PASSWORD}
    assert client_of(ann).delete("/api/v1/users/me/", body).status_code == 204
    assert noted() == [("user.deleted", ann.pk)]


def test_change_that_is_rolled_back__has_no_event(ann):
    with transaction.atomic():
        suspend_by_update(ann, False)
        User.objects.create_user("cy@example.com")
        transaction.set_rollback(True)
    assert noted() == []


@pytest.mark.django_db(transaction=True)
def test_change_whose_event_cannot_be_noted__is_not_made(monkeypatch):
    def fail(self, row):
        raise RuntimeError

    monkeypatch.setattr(UserQuerySet, "created_event", fail)
    with pytest.raises(RuntimeError):
        User.objects.create_user("cy@example.com")
    assert not User.objects.exists()


def test_loading_of_a_dump__has_no_event(ann):
    dump = serializers.serialize("json", [ann])
    ann.delete()
    Event.objects.all().delete()
    for row in serializers.deserialize("json", dump):
        row.save()
    assert User.objects.get().email == ann.email
    assert noted() == []


def test_event__has_no_personal_data(ann):
    suspend_by_update(ann, False)
    assert "ann" not in Event.objects.get().body.lower()


def test_nothing_is_noted__without_a_receiver(settings, make_user):
    settings.EVENTS_URL = ""
    user = make_user("dan@example.com")
    suspend_by_update(user, False)
    user.delete()
    assert not Event.objects.exists()
