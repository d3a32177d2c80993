"""Decisions on many items, the log that nobody changes, and the admin of users."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from images.models import Decision, Image, Report, State
from images.moderation import decisions
from images.tests.moderation.desk.conftest import MANY, image_url, user_url

pytestmark = pytest.mark.django_db
IMAGES = "/admin/images/image/"
USERS = "/admin/accounts/user/"


def select(client, url: str, action: str, chosen) -> object:
    keys = [str(instance.pk) for instance in chosen]
    body = {"action": action, "_selected_action": keys, "index": 0}
    return client.post(url, body)


def items_of(page) -> list[str]:
    return [str(item["value"]) for item in page.context["items"]]


def test_bulk__asks_first_and_then_decides(desk, stored_image):
    images = [stored_image() for _ in range(3)]
    page = select(desk, IMAGES, "take_down_selected", images[:2])
    assert page.status_code == 200
    assert not Decision.objects.exists()
    body = {
        "action": "take_down",
        "item": items_of(page),
        "reason": "spam",
        "note": "No",
    }
    done = desk.post(MANY, body, follow=True).content.decode()
    assert "Taken down: 2." in done
    down = Image.objects.filter(state=State.TAKEN_DOWN)
    assert set(down) == set(images[:2])
    assert {image.state_note for image in down} == {"No"}


def test_bulk__leaves_alone_what_changed_since_the_page(desk, stored_image, root):
    stale, fresh = stored_image(), stored_image()
    page = select(desk, IMAGES, "take_down_selected", [stale, fresh])
    decisions.approve_image(image=stale.pk, by=root, seen=0)
    body = {"action": "take_down", "item": items_of(page), "reason": "spam"}
    done = desk.post(MANY, body, follow=True).content.decode()
    assert "Taken down: 1." in done
    assert "Not done for 1: Somebody else decided on this image meanwhile" in done
    assert Image.objects.get(state=State.TAKEN_DOWN) == fresh


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": ""},
        {"item": ["garbage"]},
        {"item": ["a_b_c"]},
        {"item": ["x"] * 101},
        {"action": "hide"},
    ],
    ids=["no reason", "garbage", "more garbage", "too many", "not for people"],
)
def test_bulk__with_bad_input_decides_nothing(desk, stored_image, fields):
    image = stored_image()
    item = f"{image.pk}_0_{image.file.name}"
    body = {"action": "take_down", "reason": "spam", "item": [item], **fields}
    assert desk.post(MANY, body).status_code == 400
    assert not Decision.objects.exists()


def test_bulk__for_another_reason_needs_a_note(desk, stored_image):
    page = select(desk, IMAGES, "take_down_selected", [stored_image()])
    body = {"action": "take_down", "reason": "other", "item": items_of(page)}
    told = desk.post(MANY, body, follow=True).content.decode()
    assert "Nothing was decided. Write a note: the mail has to say why." in told
    assert not Decision.objects.exists()


def test_bulk__is_limited(desk, stored_image, monkeypatch):
    from images.moderation.admin import bulk_decisions

    monkeypatch.setattr(bulk_decisions, "_MOST_OTHERWISE", 1)
    page = select(desk, IMAGES, "approve_selected", [stored_image(), stored_image()])
    assert page.status_code == 302
    assert "Select at most 1." in desk.get(IMAGES).content.decode()


def test_bulk__suspends_owners_once(desk, stored_image, stranger):
    images = [stored_image(), stored_image(), stored_image(owner=stranger)]
    page = select(desk, IMAGES, "suspend_owners", images)
    assert len(items_of(page)) == 2
    body = {"action": "suspend", "item": items_of(page), "reason": "spam"}
    assert "Suspended: 2." in desk.post(MANY, body, follow=True).content.decode()
    assert User.objects.filter(is_active=False).count() == 2
    page = select(desk, IMAGES, "reinstate_owners", images)
    desk.post(MANY, {"action": "reinstate", "item": items_of(page)})
    assert not User.objects.filter(is_active=False).exists()


def test_bulk__page_costs_the_same_however_many(
    desk, stored_image, django_assert_num_queries
):
    images = [stored_image() for _ in range(4)]
    with CaptureQueriesContext(connection) as queries:
        select(desk, IMAGES, "approve_selected", images[:1])
    few = len(queries)
    with django_assert_num_queries(few):
        select(desk, IMAGES, "approve_selected", images)


def test_actions__are_offered_to_those_who_may(
    browser_of, make_user, desk, stored_image
):
    stored_image()
    clerk = make_user("clerk@example.com", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_image"))
    assert b"take_down_selected" in desk.get(IMAGES).content
    page = browser_of(clerk).get(IMAGES).content
    assert b"take_down_selected" not in page
    assert b"suspend_owners" not in page


def test_users__are_suspended_from_their_list(browser_of, root, user):
    client = browser_of(root)
    page = select(client, USERS, "suspend_selected", [user])
    body = {"action": "suspend", "item": items_of(page), "reason": "spam"}
    assert client.post(MANY, body)["Location"] == USERS
    user.refresh_from_db()
    assert not user.is_active
    assert decisions.is_suspended(user.pk)


@pytest.mark.parametrize("how", ["action", "form"])
def test_users__activated_by_administrators_are_reinstated_in_the_log(
    browser_of, root, user, how
):
    client = browser_of(root)
    decisions.suspend_user(user=user.pk, by=root, reason="spam")
    if how == "action":
        select(client, USERS, "activate", [user])
    else:
        body = {"email": user.email, "is_active": "on"}
        response = client.post(f"{USERS}{user.pk}/change/", body)
        assert response.status_code == 302
    user.refresh_from_db()
    assert user.is_active
    assert not decisions.is_suspended(user.pk)
    assert Decision.objects.count() == 2


def test_users__who_moderate_are_activated_by_whoever_may_change_users(
    browser_of, root, make_user, moderator
):
    clerk = make_user("clerk@example.com", is_staff=True)
    for codename in ("view_user", "change_user"):
        clerk.user_permissions.add(Permission.objects.get(codename=codename))
    # Nobody switches an account on that has more than they have.
    clerk.groups.set(moderator.groups.all())
    decisions.suspend_user(user=moderator.pk, by=root, reason="spam")
    select(browser_of(clerk), USERS, "activate", [moderator])
    moderator.refresh_from_db()
    assert moderator.is_active
    assert not decisions.is_suspended(moderator.pk)


def test_users__who_reported_can_be_deleted(browser_of, root, stored_image, report):
    reporter = report(stored_image()).reporter
    client = browser_of(root)
    url = f"{USERS}{reporter.pk}/delete/"
    assert client.post(url, {"post": "yes"}).status_code == 302
    assert not Report.objects.exists()


def test_log__has_no_link_to_an_image_that_is_deleted(desk, stored_image, decide):
    kept, gone = stored_image(), stored_image()
    decide(kept, "approve")
    decide(gone, "approve")
    gone.delete()
    # Takes the messages about both away.
    desk.get("/admin/")
    for url in ("/admin/images/decision/", user_url(kept.owner)):
        page = desk.get(url).content.decode()
        assert image_url(kept) in page
        assert image_url(gone) not in page


@pytest.mark.parametrize("who", ["moderator", "root"])
@pytest.mark.parametrize("model", ["decision", "report"])
def test_log__is_read_only_for_everybody(
    request, browser_of, stored_image, report, decide, who, model
):
    image = stored_image()
    report(image, details="Look")
    decide(image, "approve", note="Fine")
    row = (Decision if model == "decision" else Report).objects.get()
    client = browser_of(request.getfixturevalue(who))
    url = f"/admin/images/{model}/"
    assert client.get(f"{url}{row.pk}/change/").status_code == 200
    assert client.get(f"{url}add/").status_code == 403
    body = {"note": "x", "details": "x", "reason": "other", "post": "yes"}
    for page in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/"):
        assert client.post(f"{url}{page}", body).status_code == 403
    select(client, url, "delete_selected", [row])
    kept = type(row).objects.get()
    assert (kept.reason, getattr(kept, "note", "Fine")) == (row.reason, "Fine")
    assert getattr(kept, "details", "Look") == "Look"


def test_group__has_just_these_rights(moderator):
    assert moderator.get_all_permissions() == {
        "images.moderate_image",
        "images.suspend_user",
        "images.view_image",
        "images.view_report",
        "images.view_decision",
    }
