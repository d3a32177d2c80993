"""Completions that are refused, and what becomes of their files."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from images.imagekit.names import StoredName
from images.models import Image, UploadTicket, storage_for
from images.outbox.models import PendingDeletion
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
    let_time_pass,
)
from images.tests.consistency.sweeping import sweep
from images.tests.pictures import picture_bytes

pytestmark = pytest.mark.django_db


def code_of(response) -> str:
    (error,) = response.json()["errors"]
    return error["code"]


def put(ticket: dict, content: bytes, private: bool = False) -> str:
    """Store a file at the ticket's path without the ticket's checks."""
    storage = storage_for("private" if private else "public")
    path = UploadTicket.objects.get(pk=ticket["id"]).path
    return StoredName.parse(storage.save(path, ContentFile(content))).file_id


def test_completion__with_another_file_is_a_conflict(sent, complete):
    ticket, file_id = sent()
    complete(ticket, file_id)
    _, other = sent()
    response = complete(ticket, other)
    assert (response.status_code, code_of(response)) == (409, "upload_completed")


def test_completion__of_somebody_elses_ticket(sent, complete, client_of, stranger):
    ticket, file_id = sent()
    assert complete(ticket, file_id, client_of(stranger)).status_code == 404
    assert not Image.objects.exists()


@pytest.mark.parametrize("pk", ["x", "01928f3e-0000-7000-8000-000000000000"])
def test_completion__of_an_unknown_ticket(complete, pk):
    assert complete({"id": pk}, "0" * 24).status_code == 404


@pytest.mark.parametrize("file_id", ["", "../../x", "a b", "x" * 41, "a\n", None])
def test_completion__with_no_id(ask, complete, file_id):
    response = complete(ask(), file_id)
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "file_id"


def test_completion__with_a_file_that_is_not_the_tickets(
    sent, ask, complete, client_of, stranger, remote_paths
):
    """The answers are the same for an own, a foreign and an unknown file."""
    theirs = sent(client=client_of(stranger))[1]
    mine, ticket = sent()[1], ask()
    answers = [complete(ticket, one) for one in (theirs, mine, "0" * 24)]
    assert {answer.status_code for answer in answers} == {400}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert code_of(answers[0]) == "does_not_exist"
    # Nothing of others is touched.
    assert len(remote_paths()) == 2
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    ("content", "limit", "status", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, 400, "invalid_image"),
        (b"%PDF-1.7", {}, 400, "invalid_image"),
        (b"\xff\xd8\xff and no more", {}, 400, "invalid_image"),
        (picture_bytes(), {"UPLOAD_MAX_PIXELS": 3071}, 400, "too_many_pixels"),
        (picture_bytes(), {"UPLOAD_MAX_BYTES": 100}, 413, "file_too_large"),
    ],
    ids=["svg", "pdf", "broken", "pixels", "bytes"],
)
def test_completion__of_a_file_that_may_not_be(  # noqa: PLR0913
    ask,
    complete,
    settings,
    content,
    limit,
    status,
    code,
    remote_paths,
    django_capture_on_commit_callbacks,
):
    ticket = ask()
    file_id = put(ticket, content)
    for name, value in limit.items():
        setattr(settings, name, value)
    with django_capture_on_commit_callbacks(execute=True):
        response = complete(ticket, file_id)
    assert (response.status_code, code_of(response)) == (status, code)
    assert not Image.objects.exists()
    assert remote_paths() == set()
    let_time_pass()
    sweep()
    assert_sides_are_equal()


def test_completion__of_a_file_of_the_wrong_privacy(ask, complete):
    ticket = ask(visibility="private")
    assert complete(ticket, put(ticket, picture_bytes())).status_code == 400
    assert not Image.objects.exists()


def test_completion__too_late(sent, complete, remote_paths):
    ticket, file_id = sent()
    UploadTicket.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    response = complete(ticket, file_id)
    assert (response.status_code, code_of(response)) == (410, "upload_expired")
    PendingDeletion.objects.update(not_before=None, due_at=timezone.now())
    sweep()
    assert remote_paths() == set()
    assert_sides_are_equal()
    assert complete(ticket, file_id).status_code == 410


def test_completion__of_an_account_that_is_gone(sent, complete, user, api):
    """The account is deleted after its token was checked."""
    from images.tests.consistency.tracing import traced_requests

    ticket, file_id = sent()

    def delete(step: str) -> None:
        if step.startswith("before GET"):
            User.objects.filter(pk=user.pk).delete()

    with traced_requests(delete):
        assert complete(ticket, file_id).status_code == 401
    assert_all_is_named()
    let_time_pass()
    sweep()
    assert_sides_are_equal()
