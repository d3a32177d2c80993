"""Completions that make an image from the file's properties at ImageKit."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from images.models import Image, UploadTicket
from images.tests.consistency.sides import (
    assert_sides_are_equal,
)
from images.tests.pictures import picture_bytes

pytestmark = pytest.mark.django_db


def test_completion__makes_the_image(sent, complete, user, api, deliver):
    ticket, file_id = sent(caption="Dunes\nat noon", alt_text="Sand")
    response = complete(ticket, file_id)
    assert response.status_code == 201, response.content
    body = response.json()
    assert body["id"] == ticket["id"]
    assert response["Location"].endswith(f"/api/v1/images/{body['id']}/")
    facts = ("caption", "alt_text", "visibility", "width", "height", "format")
    expected = ["Dunes\nat noon", "Sand", "unlisted", 64, 48, "jpeg"]
    assert [body[name] for name in facts] == expected
    assert body["owner"]["id"] == str(user.pk)
    assert deliver(body["url"])[0] == 200
    assert api.get("/api/v1/users/me/").json()["image_count"] == 1
    assert api.get(response["Location"]).json() == body
    assert_sides_are_equal()


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "gif"])
def test_completion__tells_the_format_from_the_file(sent, complete, format):
    content = picture_bytes(format=format)
    ticket, file_id = sent(content, content_type=f"image/{format}")
    assert complete(ticket, file_id).json()["format"] == format


def test_completion__of_a_private_image(sent, complete, deliver):
    body = complete(*sent(visibility="private")).json()
    assert body["visibility"] == "private"
    assert deliver(body["url"])[0] == 200
    assert deliver(body["url"].partition("?")[0])[0] == 401
    assert_sides_are_equal()


def test_completion__again_is_the_same_image(sent, complete):
    ticket, file_id = sent()
    first = complete(ticket, file_id)
    again = complete(ticket, file_id)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert Image.objects.count() == 1


def test_completion__again_costs_no_call(sent, complete, emulator):
    ticket, file_id = sent()
    complete(ticket, file_id)
    emulator.requests.clear()
    complete(ticket, file_id)
    assert emulator.requests.counts() == {}


def test_completion__again_after_the_image_was_replaced(sent, complete, api):
    ticket, file_id = sent()
    link = complete(ticket, file_id)["Location"]
    new = BytesIO(picture_bytes(9, 9))
    new.name = "b.jpg"
    assert api.patch(link, {"file": new}, format="multipart").status_code == 200
    again = complete(ticket, file_id)
    assert (again.status_code, again.json()["width"]) == (200, 9)


def test_completion__again_after_the_image_was_deleted(sent, complete, api):
    ticket, file_id = sent()
    assert api.delete(complete(ticket, file_id)["Location"]).status_code == 204
    assert complete(ticket, file_id).status_code == 404


def test_completion__in_the_last_moment(sent, complete):
    """The file was sent in time; the ticket can be completed for a while after that."""
    ticket, file_id = sent()
    UploadTicket.objects.update(expires_at=timezone.now() - timedelta(minutes=55))
    assert complete(ticket, file_id).status_code == 201


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ({"status": 500}, 503),
        ({"status": 403}, 502),
        ({"status": 200, "body": {}}, 503),
    ],
    ids=["500", "403", "garbled"],
)
def test_completion__when_imagekit_cannot_say(
    sent, complete, emulator, monkeypatch, kind, status
):
    from imagekit_emulator.faults import Fault

    ticket, file_id = sent()
    emulator.faults.add(Fault("details", "status", every=1, **kind))
    assert complete(ticket, file_id).status_code == status
    emulator.faults.clear()
    assert complete(ticket, file_id).status_code == 201


def test_completion__uses_the_room_that_its_ticket_has_reserved(
    sent, complete, settings
):
    content = picture_bytes()
    # Not enough for the ticket and the stored file together.
    settings.USER_QUOTA_BYTES = len(content) * 3 // 2
    ticket, file_id = sent(content)
    assert complete(ticket, file_id).status_code == 201
