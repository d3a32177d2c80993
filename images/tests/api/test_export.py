import hashlib
import io
import json
import zipfile

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections

from imagekit_emulator.faults import Fault
from images.api.views import export
from images.models import Image, Violation
from images.moderation.decisions import take_down_image
from images.tests.pictures import picture_bytes

pytestmark = pytest.mark.django_db
URL = "/api/v1/users/me/export/"


def archive_of(response) -> zipfile.ZipFile:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(response.getvalue()))


def test_export__holds_the_originals_and_the_manifest(
    api, user, stranger, stored_image
):
    public = stored_image(caption="Sea ☃", visibility="public")
    private = stored_image(format="png", visibility="private")
    stored_image(owner=stranger)
    with archive_of(api.get(URL)) as archive:
        assert archive.testzip() is None
        names = [f"images/{public.pk}.jpg", f"images/{private.pk}.png"]
        assert archive.namelist() == [*names, "manifest.json"]
        assert archive.read(names[0]) == picture_bytes()
        assert archive.read(names[1]) == picture_bytes(format="png")
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["profile"]["email"] == user.email
    first, second = manifest["images"]
    assert (first["id"], first["caption"]) == (str(public.pk), "Sea ☃")
    assert first["sha256"] == hashlib.sha256(picture_bytes()).hexdigest()
    assert (second["file"], second["visibility"]) == (names[1], "private")


def test_export__is_made_while_it_is_sent(api, stored_image, emulator):
    for _ in range(3):
        stored_image()
    emulator.requests.clear()
    parts = iter(api.get(URL).streaming_content)
    next(parts)
    assert emulator.requests.counts() == {"delivery": 1}
    assert sum(len(part) for part in parts) > 3 * len(picture_bytes())


def test_export__goes_on_past_a_file_that_cannot_be_fetched(
    api, stored_image, emulator
):
    stored_image()
    kept = stored_image()
    emulator.faults.add(Fault("delivery", "status", status=500, next=1))
    with archive_of(api.get(URL)) as archive:
        assert archive.namelist() == [f"images/{kept.pk}.jpg", "manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
    assert [entry["file"] is None for entry in manifest["images"]] == [True, False]


def test_export__of_somebody_without_images(api):
    with archive_of(api.get(URL)) as archive:
        assert archive.namelist() == ["manifest.json"]


def test_export__needs_a_token(anonymous):
    assert anonymous.get(URL).status_code == 401


def test_attack__the_owner_exports_what_was_taken_down(
    api, stored_image, make_user, django_capture_on_commit_callbacks
):
    """Neither the file at its old place nor the one in quarantine."""
    waits, moved = stored_image(), stored_image()
    by = make_user("moderator@example.com", is_staff=True)
    take_down_image(image=waits.pk, by=by, seen=0, reason=Violation.SPAM)
    with django_capture_on_commit_callbacks(execute=True):
        take_down_image(image=moved.pk, by=by, seen=0, reason=Violation.SPAM)
    Image.objects.filter(pk=waits.pk).update(quarantined_at=None)
    with archive_of(api.get(URL)) as archive:
        assert archive.namelist() == ["manifest.json"]
        manifest = json.loads(archive.read("manifest.json"))
    assert [entry["file"] for entry in manifest["images"]] == [None, None]


def give_up(response) -> None:
    """Close an answer as a server does when its client is gone."""
    # It closes database connections too, of which a test has one.
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)


def test_exports__at_once_are_bounded(api, stored_image, settings):
    """Each holds a thread for as long as its client reads."""
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "export": None}
    stored_image()
    running = [api.get(URL) for _ in range(export._AT_ONCE)]
    response = api.get(URL)
    assert response.status_code == 503
    assert response.json()["errors"][0]["code"] == "too_many_exports"
    assert "Retry-After" in response
    # One was read to its end, one was given up before its first byte.
    assert archive_of(running[0]).testzip() is None
    give_up(running[1])
    again = [api.get(URL) for _ in range(2)]
    assert [one.status_code for one in again] == [200, 200]
    for one in [*running[2:], *again]:
        give_up(one)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/zip"),
        ("*/*", "application/zip"),
        ("application/zip", "application/zip"),
        ("application/octet-stream", "application/octet-stream"),
        ("application/json", "application/zip"),
    ],
)
def test_export__answers_whatever_type_is_accepted(api, accept, kind):
    response = api.get(URL, headers={"Accept": accept} if accept else {})
    assert (response.status_code, response["Content-Type"]) == (200, kind)
    assert zipfile.is_zipfile(io.BytesIO(response.getvalue()))


def test_export__refuses_in_json_whatever_type_is_accepted(anonymous):
    refused = anonymous.get(URL, headers={"Accept": "application/zip"})
    assert refused.status_code == 401
    assert refused.json()["type"] == "client_error"
