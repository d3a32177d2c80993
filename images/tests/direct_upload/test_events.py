"""The events of images that clients have sent straight to ImageKit."""

import pytest

from images.models import Image, UploadTicket
from mediabackend.events.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("events_on")]


def test_completion__notes_one_event(sent, complete):
    ticket, file_id = sent()
    assert complete(ticket, file_id).status_code == 201
    assert complete(ticket, file_id).status_code == 200
    event = Event.objects.get(kind="image.created")
    assert str(event.subject) == ticket["id"]
    assert event.data["url"] == Image.objects.get().url()


def test_completion_by_webhook__notes_an_event(sent, deliver_event):
    ticket, file_id = sent()
    path = f"/media/{UploadTicket.objects.get().path}"
    file = {"type": "file", "fileId": file_id, "filePath": path}
    assert deliver_event("file.created", file).status_code == 200
    assert str(Event.objects.get(kind="image.created").subject) == ticket["id"]
