"""The events in the admin, and *Send again*."""

import pytest
from django.utils import timezone

from mediabackend.events.models import Event
from mediabackend.events.sending import SentEvents, send_events

pytestmark = pytest.mark.django_db

LIST = "/admin/events/event/"


@pytest.fixture
def admin(make_user, client):
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    return client


def test_list__shows_state_and_error(admin, note):
    note()
    note(state="failed", last_error="The receiver answered 500.")
    page = admin.get(LIST).content.decode()
    assert '<td class="field-progress">Waiting<br>' in page
    assert '<td class="field-progress">Failed<br>' in page
    assert "The receiver answered 500." in page


def test_list__finds_the_events_of_a_subject(admin, note):
    event = note()
    note()
    found = admin.get(LIST, {"q": str(event.subject)}).context["cl"].result_list
    assert list(found) == [event]


def test_send_again__sends_the_selected_events(admin, note, receiver):
    sent, failed, other = (
        note(state=state, finished_at=timezone.now())
        for state in ("sent", "failed", "failed")
    )
    form = {"action": "send_again", "_selected_action": [sent.pk, failed.pk]}
    page = admin.post(LIST, form, follow=True).content.decode()
    assert "Events that are sent again: 2." in page
    assert send_events() == SentEvents(sent=2)
    ids = {message.id for message in receiver.messages}
    assert ids == {sent.message_id, failed.message_id}
    assert Event.objects.get(pk=other.pk).state == "failed"
