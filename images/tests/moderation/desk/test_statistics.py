"""The figures on the page and of the command, on the database of this run."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from images.models import Image, Report
from images.moderation.admin.statistics_page import HEIGHT, draw_chart
from images.moderation.statistics import Day, collect_statistics, median_wait
from mediabackend.db.ids import first_uuid7, uuid7

pytestmark = pytest.mark.django_db
PAGE = "/admin/images/decision/statistics/"
NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture
def closed_after(stored_image, report):
    """Make a report that was closed at NOW, after so many minutes."""

    def make(minutes: float) -> None:
        row = report(stored_image())
        opened = NOW - timedelta(minutes=minutes)
        Report.objects.filter(pk=row.pk).update(created_at=opened, closed_at=NOW)

    return make


def median() -> timedelta | None:
    return median_wait(NOW - timedelta(hours=1), NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("waits", "expected"),
    [([5], 5), ([1, 9], 5), ([9, 1, 2], 2), ([8, 1, 2, 4], 3), ([3, 3, 3, 3, 99], 3)],
    ids=str,
)
def test_median__is_the_middle(closed_after, waits, expected):
    for minutes in waits:
        closed_after(minutes)
    assert median() == timedelta(minutes=expected)


def test_median__of_nothing_is_none(stored_image, report, closed_after):
    report(stored_image())
    assert median() is None
    closed_after(3)
    later = NOW + timedelta(days=1)
    assert median_wait(later, later + timedelta(days=1)) is None


def test_days__count_what_happened_on_them(stored_image, report, decide):
    images = [stored_image() for _ in range(3)]
    report(images[0])
    decide(images[1], "take_down", reason="spam")
    yesterday = timezone.now() - timedelta(days=1)
    Image.objects.filter(pk=images[2].pk).update(created_at=yesterday)
    now = timezone.now()
    figures = collect_statistics(now - timedelta(days=2), now)
    assert [day.uploads for day in figures.days] == [0, 1, 2]
    assert figures.days[-1] == Day(
        day=now.date(),
        uploads=2,
        uploaded_bytes=images[0].size + images[1].size,
        reports=1,
        decisions=1,
    )
    assert figures.decisions["take_down"] == 1
    assert figures.waiting == 1
    assert figures.stored_images == 3
    assert figures.stored_bytes == sum(image.size for image in images)


def test_collect__costs_one_query_a_figure(stored_image, django_assert_num_queries):
    for _ in range(3):
        stored_image()
    with django_assert_num_queries(7):
        collect_statistics(NOW - timedelta(days=300), timezone.now())


def test_page__shows_charts_and_the_same_numbers(desk, stored_image, report, decide):
    image = stored_image()
    report(image)
    decide(image, "approve")
    page = desk.get(PAGE)
    text = page.content.decode()
    assert text.count("<svg viewBox") == 4
    assert "style=" not in text
    assert len(page.context["figures"].days) == 30
    assert "Decisions: Approve 1." in text


def test_page__opens_without_any_data(desk):
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(PAGE).status_code == 200
    assert len(queries) < 16


def test_page__is_for_moderators(browser_of, make_user, client):
    clerk = make_user("clerk@example.com", is_staff=True)
    assert browser_of(clerk).get(PAGE).status_code == 403
    assert client.get(PAGE).status_code == 302


def test_chart__fits_its_frame():
    days = [Day(NOW.date(), uploads=number) for number in (0, 5, 10)]
    bars = draw_chart("Uploads", "uploads", days)["bars"]
    assert [bar["height"] for bar in bars] == [0, HEIGHT / 2, HEIGHT]
    assert all(bar["y"] + bar["height"] == HEIGHT for bar in bars)
    assert draw_chart("Uploads", "uploads", [])["bars"] == []


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("moderation_report", *arguments, stdout=out)
    return out.getvalue()


def test_command__prints_text_and_json(stored_image, report, decide):
    image = stored_image()
    report(image)
    decide(image, "approve")
    text = run("--since", "24h")
    assert "Decisions: Approve 1" in text
    assert "Stored: 1 images" in text
    figures = json.loads(run("--since=7d", "--format=json"))
    assert len(figures["days"]) == 8
    assert figures["days"][-1]["reports"] == 1
    assert figures["decisions"]["approve"] == 1
    assert 0 <= figures["median_wait_seconds"] < 60


def test_command__without_any_data():
    assert "no decisions" in run()
    assert json.loads(run("--format=json"))["median_wait_seconds"] is None


@pytest.mark.parametrize("since", ["7", "d", "0d", "-1d", "٧d", "999999d"])
def test_command__refuses_a_strange_period(since):
    with pytest.raises(CommandError, match="such as 7d"):
        run(f"--since={since}")


def test_first_uuid7__is_below_all_of_its_moment():
    before = timezone.now()
    made = uuid7()
    assert first_uuid7(before) <= made
    assert first_uuid7(before + timedelta(seconds=1)) > made
    assert first_uuid7(before).version == 7
