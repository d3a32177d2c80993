"""Tickets that were never completed, and their deletion."""

from datetime import timedelta

import pytest
from django.utils import timezone

from images.models import Image, UploadTicket
from images.outbox.models import PendingDeletion
from images.tests.consistency.sides import (
    assert_all_is_named,
    assert_sides_are_equal,
    let_time_pass,
)
from images.tests.consistency.sweeping import sweep

pytestmark = pytest.mark.django_db


def test_ticket__never_completed_leaves_nothing(sent, ask, remote_paths):
    sent()
    ask()
    sweep()
    assert len(remote_paths()) == 1
    assert PendingDeletion.objects.count() == 2
    let_time_pass()
    sweep()
    assert_sides_are_equal()
    assert remote_paths() == set()


@pytest.mark.parametrize("options", [{}, {"grace": 0}], ids=["due", "grace"])
def test_sweep__does_not_take_a_ticket_that_can_be_used(
    ask, send, remote_paths, options
):
    """No file is there yet, but one may still be sent."""
    ticket = ask()
    PendingDeletion.objects.update(due_at=timezone.now())
    sweep(**options)
    assert send(ticket)[0] == 200
    assert_all_is_named()
    let_time_pass()
    sweep(**options)
    assert remote_paths() == set()


def test_sweep__forgets_old_tickets(sent, complete):
    ticket, file_id = sent()
    complete(ticket, file_id)
    sweep()
    assert complete(ticket, file_id).status_code == 200
    UploadTicket.objects.update(expires_at=timezone.now() - timedelta(days=1))
    sweep()
    assert complete(ticket, file_id).status_code == 404
    assert Image.objects.count() == 1


def test_account__takes_its_tickets_and_leaves_the_reservations(
    sent, complete, user, api, remote_paths
):
    sent()
    body = {"password": user.raw_password}
    assert api.delete("/api/v1/users/me/", body).status_code == 204
    assert not UploadTicket.objects.exists()
    assert_all_is_named()
    let_time_pass()
    sweep()
    assert remote_paths() == set()
    assert_sides_are_equal()
