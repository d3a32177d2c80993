"""What comes up at the desk, in which order, and who sees it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from images.models import Image, Violation
from images.moderation import decisions
from images.moderation.desk.queue import Choice, Place
from images.tests.moderation.desk.conftest import QUEUE, image_url

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>\"'>"


def walk(choice: Choice, place: Place | None = None) -> list[Image]:
    """Go through the whole queue without deciding."""
    found: list[Image] = []
    while image := choice.next(place):
        assert image not in found, "it goes in circles"
        found.append(image)
        place = Place.of(image)
    return found


def test_queue__has_what_is_reported_most_first_then_the_newest(stored_image, report):
    old, once, twice, newest = [stored_image(caption=str(n)) for n in range(4)]
    report(once)
    report(twice)
    report(twice)
    assert walk(Choice()) == [twice, once, newest, old]


def test_queue__leaves_out_what_needs_no_review(
    stored_image, report, moderator, stranger
):
    approved, down, reported, _ = [
        stored_image(visibility=visibility)
        for visibility in ("public", "public", "private", "private")
    ]
    suspended = stored_image(owner=stranger)
    decisions.approve(image=approved.pk, by=moderator, seen=0)
    decisions.take_down(image=down.pk, by=moderator, seen=0, reason=Violation.SPAM)
    report(reported)
    report(suspended)
    decisions.suspend(user=stranger.pk, by=moderator, reason=Violation.SPAM)
    assert walk(Choice()) == [reported]
    assert walk(Choice(state="taken_down")) == [down]


def test_attack__private_images_are_looked_at_by_choosing_a_state(stored_image, report):
    _, reported, down = (stored_image(visibility="private") for _ in range(3))
    report(reported)
    Image.objects.filter(pk=down.pk).update(state="taken_down")
    assert walk(Choice(state="visible")) == [reported]
    assert walk(Choice(state="taken_down")) == [down]


def test_queue__goes_on_where_it_was_although_the_image_has_left_it(
    stored_image, report, moderator
):
    first, second = stored_image(), stored_image()
    for image in (first, second, second):
        report(image)
    place = Place.of(Image.objects.get(pk=second.pk))
    decisions.approve(image=second.pk, by=moderator, seen=0)
    assert Choice().next(place) == first


@pytest.mark.parametrize(
    "fields",
    [{"reason": "nudity"}, {"days": 7}, {"state": "hidden"}, {"owner": True}],
    ids=str,
)
def test_queue__is_filtered(stored_image, report, stranger, fields):
    wanted = stored_image(owner=stranger)
    other = stored_image()
    report(wanted, "nudity")
    report(other, "spam")
    old = timezone.now() - timedelta(days=8)
    Image.objects.filter(pk=other.pk).update(created_at=old)
    Image.objects.filter(pk=wanted.pk).update(state="hidden")
    if "owner" in fields:
        fields = {"owner": stranger.pk}
    assert walk(Choice(**fields)) == [wanted]


def test_sample__is_any_shared_image_but_the_last(stored_image):
    one, other = stored_image(), stored_image()
    stored_image(visibility="private")
    seen = {Choice(sample=True).next() for _ in range(30)}
    assert seen == {one, other}
    assert Choice(sample=True).next(Place.of(one)) == other


def test_page__shows_the_image_its_reports_and_its_owner(desk, stored_image, report):
    image = stored_image(caption="Sea", visibility="public", width=1600)
    report(image, "nudity", "Look at this.", display_name="Rita")
    page = desk.get(QUEUE).content.decode()
    for text in ("Sea", "Nudity", "Look at this.", "Rita", "Ann", str(image.owner_id)):
        assert text in page
    assert image.url("w-1280,f-auto") in page


def test_page__of_a_taken_down_image_has_a_signed_picture(
    desk, stored_image, decide, django_capture_on_commit_callbacks
):
    image = stored_image(visibility="public")
    with django_capture_on_commit_callbacks(execute=True):
        decide(image, "take_down", reason="spam")
    page = desk.get(image_url(image))
    assert "quarantine/" in page.context["preview_url"]
    assert "ik-s=" in page.context["preview_url"]


def test_attack__moderators_see_no_addresses(desk, stored_image, decide, report):
    image = stored_image()
    report(image, display_name="Rita")
    report(image)
    decide(stored_image(), "take_down", reason="spam")
    change = image_change(image)
    lists = [f"/admin/images/{name}/" for name in ("image", "decision", "report")]
    for url in (QUEUE, image_url(image), change, *lists):
        response = desk.get(url)
        assert response.status_code == 200
        # Their own e-mail is not on the pages: they have a display name.
        assert "@example.com" not in response.content.decode(), url
    for url in ("/admin/accounts/user/", change.replace("change", "history")):
        assert desk.get(url).status_code == 403
    assert b"/history/" not in desk.get(change).content
    # Neither by trying them out.
    for query in ("q=ann@example.com", "owner__email__startswith=a"):
        response = desk.get(f"/admin/images/image/?{query}")
        listed = response.context and response.context.get("cl")
        assert not listed or not listed.result_list
    page = desk.get(f"{QUEUE}?owner=ann@example.com").content.decode()
    assert "This is no id of a user." in page


def image_change(image: Image) -> str:
    return f"/admin/images/image/{image.pk}/change/"


def test_owner__is_found_by_address_by_who_may_see_it(browser_of, root, stored_image):
    image = stored_image()
    client = browser_of(root)
    response = client.get(f"{QUEUE}?owner=ANN@example.com")
    assert response.context["image"] == image
    assert "ann@example.com" in response.content.decode()
    assert "image" not in client.get(f"{QUEUE}?owner=nobody@x.org").context


@pytest.mark.parametrize(
    "query",
    ["after=1", "after=x_y", "after=99999999999999999999_" + "0" * 32, "days=x"]
    + ["state=gone", "owner=%00", "show=", "reason="],
)
def test_attack__garbage_in_the_address_is_no_error(desk, stored_image, query):
    stored_image()
    assert desk.get(f"{QUEUE}?{query}").status_code == 200


def test_attack__hostile_texts_are_escaped(desk, stored_image, report, decide):
    image = stored_image(caption=HOSTILE, alt_text=HOSTILE)
    image.owner.display_name = HOSTILE
    image.owner.save()
    report(image, "spam", HOSTILE, display_name=HOSTILE)
    pages = [QUEUE, image_change(image), image_url(image)]
    texts = [desk.get(page).content.decode() for page in pages]
    decide(image, "take_down", reason="spam", note=HOSTILE)
    pages = [image_url(image), "/admin/images/decision/", "/admin/images/report/"]
    texts += [desk.get(page).content.decode() for page in pages]
    bulk = {"action": "restore_selected", "_selected_action": [str(image.pk)]}
    texts.append(desk.post("/admin/images/image/", bulk).content.decode())
    for text in texts:
        assert "<script>alert(1)" not in text
        assert "&lt;script&gt;alert(1)" in text


@pytest.mark.parametrize(
    "url", [QUEUE, "/admin/images/image/", "/admin/images/report/"]
)
def test_pages__cost_the_same_however_many_rows(
    desk, stored_image, report, make_user, url, django_assert_num_queries
):
    report(stored_image())
    with CaptureQueriesContext(connection) as few:
        desk.get(url)
    for number in range(4):
        image = stored_image(owner=make_user(f"owner{number}@example.com"))
        report(image)
        report(image)
    with django_assert_num_queries(len(few)):
        desk.get(url)


def test_log__costs_the_same_however_many_lines(
    desk, stored_image, decide, django_assert_num_queries
):
    decide(stored_image(), "approve")
    desk.get(QUEUE)
    with CaptureQueriesContext(connection) as queries:
        desk.get("/admin/images/decision/")
    few = len(queries)
    for _ in range(4):
        decide(stored_image(), "approve")
    desk.get(QUEUE)
    with django_assert_num_queries(few):
        desk.get("/admin/images/decision/")
