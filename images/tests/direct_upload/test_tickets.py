"""Requests for a ticket: its content, its checks and its costs."""

import json
from datetime import timedelta

import jwt
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from images.models import UploadTicket
from images.outbox.models import PendingDeletion
from images.tests.direct_upload.conftest import URL, ticket_request
from images.tests.pictures import picture_bytes

pytestmark = pytest.mark.django_db


def claims_of(ticket: dict) -> dict:
    return jwt.decode(ticket["fields"]["token"], options={"verify_signature": False})


def test_ticket__fixes_the_whole_form(ask, user, settings):
    ticket = ask(size=1234, content_type="image/png", visibility="private")
    form = dict(ticket["fields"])
    token = form.pop("token")
    header = jwt.get_unverified_header(token)
    options = settings.STORAGES["private"]["OPTIONS"]
    assert header == {"alg": "HS256", "typ": "JWT", "kid": options["public_key"]}
    claims = jwt.decode(token, options["private_key"], ["HS256"])
    times = {"iat": claims.pop("iat"), "exp": claims.pop("exp")}
    assert claims == form
    assert 0 < times["exp"] - times["iat"] <= 3600
    assert parse_datetime(ticket["expires_at"]).timestamp() == times["exp"]
    assert form["folder"] == f"/media/{user.pk}"
    assert form["fileName"].startswith(ticket["id"])
    assert form["fileName"].endswith(".png")
    assert form["useUniqueFileName"] == form["overwriteFile"] == "false"
    assert form["isPrivateFile"] == "true"
    assert '"file.size" <= 1234 AND "file.mime" = "image/png"' in form["checks"]
    assert "md-false" in json.loads(form["transformation"])["pre"]


def test_ticket__has_json_as_javascript_writes_it(ask):
    """A client may parse a value and write it again: ImageKit compares the bytes."""
    value = ask()["fields"]["transformation"]
    written = json.dumps(json.loads(value), separators=(",", ":"), ensure_ascii=False)
    assert value == written


def test_ticket__is_kept_by_no_cache(api):
    response = api.post(URL, ticket_request())
    assert response.status_code == 201
    assert response["Cache-Control"] == "private, no-store"


def test_ticket__leads_to_where_a_browser_gets(ask):
    assert ask()["upload_url"] == "http://testserver/_imagekit/api/v2/files/upload"


def test_ticket__is_reserved_for_longer_than_it_can_be_used(ask):
    ticket = ask()
    (reservation,) = PendingDeletion.objects.all()
    assert reservation.reason == "reservation"
    assert reservation.name == UploadTicket.objects.get().path
    expires_at = parse_datetime(ticket["expires_at"])
    assert reservation.due_at >= expires_at + timedelta(minutes=30)
    assert reservation.not_before == reservation.due_at


def test_ticket__costs_three_queries(api, ask):
    """The user, the reservation and the ticket."""
    ask()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert api.post(URL, ticket_request()).status_code == 201
    framing = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    work = [q["sql"] for q in queries if not q["sql"].startswith(framing)]
    assert len(work) == 3, work


@pytest.mark.parametrize(
    ("changes", "status", "code", "attr"),
    [
        ({"content_type": "image/svg+xml"}, 400, "invalid_image", "content_type"),
        ({"content_type": "text/html"}, 400, "invalid_image", "content_type"),
        ({"size": 20_000_001}, 413, "file_too_large", None),
        ({"size": 0}, 400, "min_value", "size"),
        ({"visibility": "secret"}, 400, "invalid_choice", "visibility"),
        ({"filename": ""}, 400, "blank", "filename"),
        ({"caption": "x" * 2201}, 400, "max_length", "caption"),
    ],
    ids=["svg", "html", "too-large", "empty", "visibility", "no-name", "caption"],
)
def test_ticket__refused(api, changes, status, code, attr):
    response = api.post(URL, ticket_request(**changes))
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert (error["code"], error["attr"]) == (code, attr)
    assert not PendingDeletion.objects.exists()


def test_ticket__heeds_no_parameters_of_the_type(ask):
    form = ask(content_type="Image/WebP; q=1")["fields"]
    assert form["fileName"].endswith(".webp")


def test_ticket__needs_a_token(anonymous):
    assert anonymous.post(URL, ticket_request()).status_code == 401


def test_ticket__of_an_unverified_user_is_refused(api, settings):
    settings.REQUIRE_VERIFIED_EMAIL = True
    response = api.post(URL, ticket_request())
    assert response.status_code == 403
    assert response.json()["errors"][0]["code"] == "email_not_verified"
    assert not UploadTicket.objects.exists()


def test_ticket__counts_as_an_upload(api, complete, settings, sent):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "upload": (1, 60)}
    ticket, file_id = sent()
    assert api.post(URL, ticket_request()).status_code == 429
    # The completion belongs to the same upload.
    assert complete(ticket, file_id).status_code == 201
    assert complete(ticket, file_id).status_code == 429


@pytest.mark.parametrize(
    "changes",
    [
        {"fileName": "other.jpg"},
        {"folder": "/media"},
        {"isPrivateFile": "true"},
        {"overwriteFile": "true"},
        {"checks": '"file.size" > 0'},
        {"transformation": None},
        {"tags": "more"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_token__allows_no_other_form(ask, send, remote_paths, changes):
    status, answer = send(ask(), **changes)
    assert (status, remote_paths()) == (400, set()), answer


def test_token__is_good_once(ask, send, emulator):
    ticket = ask()
    assert send(ticket)[0] == 200
    assert send(ticket)[0] == 400


@pytest.mark.parametrize(
    "content",
    [picture_bytes(format="png"), b"<svg/>", picture_bytes() + b"x", b""],
    ids=["another-type", "no-image", "larger", "empty"],
)
def test_token__allows_no_other_file(ask, send, remote_paths, content):
    status, answer = send(ask(), content)
    assert (status, remote_paths()) == (400, set()), answer


def test_token__allows_no_more_pixels(ask, send, settings, remote_paths):
    settings.UPLOAD_MAX_PIXELS = 64 * 48
    for width, height in [(65, 64), (64, 65)]:
        content = picture_bytes(width, height)
        assert send(ask(size=len(content)), content)[0] == 400
    assert remote_paths() == set()
    # Within the limit, however long.
    content = picture_bytes(64 * 48, 1)
    assert send(ask(size=len(content)), content)[0] == 200
