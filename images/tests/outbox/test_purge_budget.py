"""The budget of purges, which owners cannot use up for take-downs or next month."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from imagekit_emulator.faults import Fault
from images.models import Image
from images.outbox import budget
from images.outbox.budget import take_purge
from images.outbox.models import DeletionReceipt, PendingDeletion, PurgeCount
from images.outbox.purges import order_purges

pytestmark = pytest.mark.django_db
OWN, TAKEN_DOWN = PendingDeletion.Reason.REPLACED, PendingDeletion.Reason.TAKEN_DOWN


@pytest.fixture(autouse=True)
def budgets(settings):
    settings.PURGES_PER_MONTH, settings.PURGES_PER_USER = 10, 3


def deleted(owner: str = "ann", reason: str = OWN, number: int = 1, **fields) -> None:
    """Add deleted files whose purge has to be ordered."""
    PendingDeletion.objects.bulk_create(
        PendingDeletion(
            name=f"{owner}/{reason}-{position}~id{position}.jpg",
            reason=reason,
            purge=True,
            file_deleted_at=timezone.now(),
            **fields,
        )
        for position in range(number)
    )


def counts() -> dict[str, int]:
    return dict(PurgeCount.objects.values_list("scope", "number"))


def test_purges__of_one_user_have_a_budget(emulator):
    deleted("ann", number=5)
    deleted("bob")
    result = order_purges()
    assert (result.ordered, result.waiting, result.failed) == (4, 2, 0)
    assert len(emulator.purges()) == 4
    assert counts() == {"all": 4, "owners": 4, "ann": 3, "bob": 1}
    waiting = PendingDeletion.objects.filter(purge_waits=True)
    assert [row.name.split("/")[0] for row in waiting] == ["ann"] * 2
    assert all(row.due_at == budget.next_budget() for row in waiting)


def test_purges__of_owners_leave_a_fifth_to_take_downs(emulator):
    for owner in ("ann", "bob", "cid", "dan"):
        deleted(owner, number=3)
    deleted("quarantine/ann", TAKEN_DOWN, number=3)
    result = order_purges()
    assert (result.ordered, result.waiting) == (10, 5)
    urls = [purge["url"] for purge in emulator.purges()]
    assert sum(str(TAKEN_DOWN) in url for url in urls) == 2
    assert counts()["owners"] == 8


def test_purges__of_take_downs_do_not_count_for_the_owner():
    deleted("ann", TAKEN_DOWN, number=5)
    assert order_purges().ordered == 5
    assert counts() == {"all": 5}


def test_purges__that_imagekit_refuses_are_not_counted(emulator):
    emulator.faults.add(Fault("purge", "status", status=403, next=1))
    deleted()
    assert order_purges().failed == 1
    assert set(counts().values()) == {0}
    PendingDeletion.objects.update(due_at=timezone.now())
    assert order_purges().ordered == 1
    assert set(counts().values()) == {1}


def test_purges__wait_for_the_next_month(monkeypatch, emulator):
    deleted(number=4)
    order_purges()
    assert order_purges().claimed == 0
    later = budget.next_budget() + timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert order_purges().ordered == 1
    assert not PendingDeletion.objects.filter(purge_waits=True).exists()


@pytest.mark.parametrize(
    ("now", "then"),
    [((2026, 11, 29), (2026, 12, 1)), ((2026, 12, 31), (2027, 1, 1))],
)
def test_next_budget__is_the_first_of_the_next_month(monkeypatch, now, then):
    monkeypatch.setattr(timezone, "now", lambda: datetime(*now, 23, 59, tzinfo=UTC))
    assert budget.next_budget() == datetime(*then, tzinfo=UTC)


def test_purges__without_a_limit_are_all_ordered(settings):
    settings.PURGES_PER_MONTH = settings.PURGES_PER_USER = 0
    deleted(number=12)
    assert order_purges().ordered == 12


def test_receipt__says_that_its_purge_waits(api, user, client):
    receipt = DeletionReceipt.objects.create(user=user)
    deleted("ann", number=3)
    order_purges()
    deleted("ann", receipt=receipt)
    url = f"/api/v1/deletions/{receipt.pk}/"
    assert api.get(url).json()["purge_waits"] is False
    order_purges()
    body = api.get(url).json()
    assert (body["purge_requested"], body["purge_waits"]) == (None, True)
    assert client.get("/readyz").json()["waiting_purges"] == 1


def test_sweep__tells_how_many_wait_and_does_not_call_them_stuck():
    deleted(number=5, created_at=timezone.now() - timedelta(days=2))
    order_purges()
    PendingDeletion.objects.filter(purge_waits=False).delete()
    out = StringIO()
    call_command("sweep_files", stdout=out)
    call_command("sweep_files", stdout=out)
    assert out.getvalue().count("purges waiting 2") == 2


def test_sweep__forgets_the_counts_of_earlier_months():
    PurgeCount.objects.create(month="2026-01-01", scope="all", number=9)
    deleted()
    call_command("sweep_files", stdout=StringIO())
    assert set(counts().values()) == {1}


def test_staff__can_let_a_purge_go_on(admin_client):
    deleted(number=4)
    order_purges()
    (row,) = PendingDeletion.objects.filter(purge_waits=True)
    form = {"action": "retry", "_selected_action": row.pk}
    admin_client.post("/admin/images/pendingdeletion/", form)
    assert order_purges().ordered == 1


def test_owner__who_has_spent_the_budget_still_hides_and_deletes(
    settings, api, stored_image, emulator, deliver, django_capture_on_commit_callbacks
):
    settings.PURGES_PER_USER = 1
    first, second = (stored_image(visibility="public") for _ in range(2))
    old = second.url()
    with django_capture_on_commit_callbacks(execute=True):
        for image in (first, second):
            url = f"/api/v1/images/{image.pk}/"
            assert api.patch(url, {"visibility": "private"}).status_code == 200
    assert len(emulator.purges()) == 1
    assert PendingDeletion.objects.filter(purge_waits=True).count() == 1
    assert Image.objects.get(pk=second.pk).visibility == "private"
    assert deliver(old)[0] == 404


@pytest.mark.django_db(transaction=True)
def test_budget__holds_for_processes_at_once():
    row = PendingDeletion(name="ann/x~id.jpg", reason=OWN)

    def take(number: int) -> bool:
        try:
            return take_purge(row)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(12))) == 3
    assert counts() == {"all": 3, "owners": 3, "ann": 3}
