"""Reports: one for each reporter and image, and what many of them do."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from accounts.models import User
from images.models import Decision, Image, Report, State
from images.moderation import decisions
from images.moderation.reports import recount_open_reports, report_image
from images.tests.moderation.conftest import URL

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(client_of):
    def send(image: Image, by: User, **fields):
        body = {"reason": "spam", **fields}
        return client_of(by).post(f"{URL}{image.pk}/report/", body)

    return send


@pytest.fixture
def make_reporters(make_user):
    """Make people whose reports count for hiding, unless `fields` say otherwise."""

    def make(count: int, **fields) -> list[User]:
        fields = {
            "email_verified": True,
            "date_joined": timezone.now() - timedelta(days=2),
            **fields,
        }
        return [
            make_user(f"reporter-{User.objects.count()}@example.com", **fields)
            for _ in range(count)
        ]

    return make


def test_report__is_taken_once(make_public, report, stranger):
    image = make_public()
    first = report(image, stranger, details="Look.")
    assert first.status_code == 201
    assert first.json()["reason"] == "spam"
    again = report(image, stranger, reason="nudity")
    assert again.status_code == 200
    assert again.json() == first.json()
    image.refresh_from_db()
    assert image.open_reports == Report.objects.count() == 1


def test_report__of_an_own_image_is_refused(make_public, report, user):
    response = report(make_public(), user)
    assert response.status_code == 403
    assert response.json()["errors"][0]["code"] == "own_image"


def test_report__needs_an_account(make_public, anonymous):
    image = make_public()
    response = anonymous.post(f"{URL}{image.pk}/report/", {"reason": "spam"})
    assert response.status_code == 401


@pytest.mark.parametrize(
    "fields",
    [{"reason": "boring"}, {"reason": "resembles_removed"}, {"details": "a\x00b"}],
)
def test_report__with_bad_input_is_refused(make_public, report, stranger, fields):
    assert report(make_public(), stranger, **fields).status_code == 400
    assert not Report.objects.exists()


def test_attack__a_report_is_no_oracle_for_private_images(
    make_public, report, stranger, client_of
):
    private = make_public(visibility="private")
    assert report(private, stranger).status_code == 404
    unknown = f"{URL}{stranger.pk}/report/"
    assert client_of(stranger).post(unknown, {"reason": "spam"}).status_code == 404
    garbage = f"{URL}garbage/report/"
    assert client_of(stranger).post(garbage, {"reason": "spam"}).status_code == 404


def test_reports__hide_nothing_by_default(make_public, report, make_reporters):
    image = make_public()
    for reporter in make_reporters(5):
        assert report(image, reporter).status_code == 201
    image.refresh_from_db()
    assert image.state == State.VISIBLE
    assert image.open_reports == 5


def test_reports__hide_when_there_are_as_many_as_set(
    settings, make_public, report, make_reporters, anonymous, moderator
):
    settings.AUTO_HIDE_AFTER_REPORTS = 2
    image = make_public()
    one, two = make_reporters(2)
    report(image, one)
    assert anonymous.get(f"{URL}{image.pk}/").status_code == 200
    report(image, two)
    assert anonymous.get(f"{URL}{image.pk}/").status_code == 404
    hidden = Decision.objects.get()
    assert hidden.action == "hide"
    assert hidden.moderator is None
    decisions.approve_image(image=image.pk, by=moderator, seen=1)
    assert anonymous.get(f"{URL}{image.pk}/").status_code == 200
    image.refresh_from_db()
    assert image.open_reports == 0
    assert not Report.objects.filter(closed_at=None).exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"email_verified": False},
        {"date_joined": timezone.now() - timedelta(hours=1)},
        {"is_active": False},
    ],
)
def test_attack__throw_away_accounts_hide_nothing(
    settings, make_public, make_reporters, fields
):
    settings.AUTO_HIDE_AFTER_REPORTS = 2
    image = make_public()
    (trusted,) = make_reporters(1)
    for reporter in [*make_reporters(3, **fields), trusted]:
        report_image(image=image, by=reporter, reason="spam")
    image.refresh_from_db()
    assert image.state == State.VISIBLE


def test_reports__go_with_the_image_and_with_the_reporter(
    make_public, report, stranger, make_user
):
    first, second = make_public(), make_public()
    report(first, stranger)
    report(second, stranger)
    first.delete()
    assert Report.objects.get().image == second
    stranger.delete()
    assert not Report.objects.exists()


def test_reports__that_go_with_their_reporter_are_counted_anew(
    make_public, report, make_reporters
):
    image, other = make_public(), make_public()
    going, staying = make_reporters(2)
    for reporter in (going, staying):
        report(image, reporter)
    report(other, going)
    going.delete()
    assert recount_open_reports() == 2
    image.refresh_from_db()
    other.refresh_from_db()
    assert (image.open_reports, other.open_reports) == (1, 0)
    assert recount_open_reports() == 0


@pytest.mark.django_db(transaction=True)
def test_report__of_an_account_that_goes_meanwhile(report, stored_image, stranger):
    image = stored_image()

    def leave(**kwargs):
        User.objects.get(pk=stranger.pk).delete()
        return report_image(**kwargs)

    with patch("images.api.views.reports.report_image", leave):
        assert report(image, stranger).status_code == 401
    assert not Report.objects.exists()
    assert Image.objects.get().open_reports == 0
