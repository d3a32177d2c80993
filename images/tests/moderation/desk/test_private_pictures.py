"""Who of the staff looks at private pictures, and when."""

from itertools import product

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.utils import timezone

from images.imagekit.names import StoredName
from images.models import Image, State, Visibility
from images.models.querysets import IS_CONFIDENTIAL
from images.tests.moderation.desk.conftest import ADMIN, MANY, QUEUE, image_url

pytestmark = pytest.mark.django_db
LIST = f"{ADMIN}/image/"


@pytest.fixture
def private(stored_image) -> Image:
    return stored_image(visibility="private", caption="My diary")


@pytest.fixture
def root_desk(browser_of, root):
    return browser_of(root)


def pages_of(image: Image) -> list[str]:
    change = f"{LIST}{image.pk}/change/"
    return [change, image_url(image), f"{LIST}{image.pk}/history/"]


def path_of(image: Image) -> str:
    return StoredName.parse(image.file.name).path


def shows(response, image: Image) -> bool:
    """Say whether the page has a URL of the picture."""
    return path_of(image) in response.content.decode()


@pytest.mark.parametrize(
    "query", ["", "?q=diary", "?visibility__exact=private", "?state__exact=visible"]
)
def test_moderator__does_not_find_a_private_image(desk, private, query):
    response = desk.get(LIST + query)
    assert response.status_code == 200
    assert str(private.pk) not in response.content.decode()
    assert "diary" not in response.content.decode().replace("q=diary", "").replace(
        'value="diary"', ""
    )


def test_moderator__cannot_open_its_pages(desk, moderator, private):
    moderator.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_user", "change_image"])
    )
    for page in pages_of(private):
        response = desk.get(page)
        # The admin itself leads to its index page.
        assert response.status_code in (302, 404), page
        assert not shows(response, private)
    assert desk.post(f"{image_url(private)}open/").status_code == 403
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("query", ["", "?state=visible", "?show=sample"])
def test_queue__leaves_it_out_for_superusers_too(desk, root_desk, private, query):
    for browser in (desk, root_desk):
        assert not shows(browser.get(QUEUE + query), private)


@pytest.mark.parametrize("action", ["approve", "take_down"])
def test_moderator__cannot_decide_on_it(desk, decide, private, action):
    decide(private, action, reason="spam")
    item = f"{private.pk}_{private.decision_count}_{private.file.name}"
    desk.post(MANY, {"action": action, "reason": "spam", "item": [item]})
    private.refresh_from_db()
    assert (private.state, private.decision_count) == ("visible", 0)


def test_moderator__sees_it_while_it_is_reported(desk, decide, report, private):
    report(private)
    assert shows(desk.get(QUEUE), private)
    assert shows(desk.get(image_url(private)), private)
    assert str(private.pk) in desk.get(LIST).content.decode()
    decide(private, "approve")
    assert desk.get(image_url(private)).status_code == 404
    assert str(private.pk) not in desk.get(LIST).content.decode()


def test_moderator__sees_it_while_it_is_taken_down(desk, private):
    now = timezone.now()
    Image.objects.update(state=State.TAKEN_DOWN, state_since=now)
    assert shows(desk.get(image_url(private)), private)


def test_superuser__sees_that_it_is_there_but_no_picture(root_desk, private):
    response = root_desk.get(LIST)
    assert str(private.pk) in response.content.decode()
    assert not shows(response, private)
    change, page, _ = pages_of(private)
    for url in (change, page):
        response = root_desk.get(url)
        assert response.status_code == 200
        # The form of a decision names the file; a URL would have the folder too.
        assert f"media/{path_of(private)}" not in response.content.decode()
    form = {"action": "take_down_selected", "_selected_action": [private.pk]}
    bulk = root_desk.post(LIST, form).content.decode()
    assert "Private" in bulk
    assert f"media/{path_of(private)}" not in bulk
    assert not LogEntry.objects.exists()


def test_superuser__opens_it_by_a_click_that_is_logged(root_desk, root, private):
    response = root_desk.post(f"{image_url(private)}open/")
    assert response.status_code == 200
    assert f"media/{path_of(private)}" in response.content.decode()
    (entry,) = LogEntry.objects.all()
    assert entry.user == root
    assert entry.object_id == str(private.pk)
    assert entry.get_change_message() == "Opened a private picture."
    history = root_desk.get(f"{LIST}{private.pk}/history/").content.decode()
    assert "Opened a private picture." in history
    # Only this once: the next page asks again.
    page = root_desk.get(image_url(private)).content.decode()
    assert f"media/{path_of(private)}" not in page


def test_is_confidential__is_the_same_in_python_and_in_sql(user):
    measures = {"width": 1, "height": 1, "size": 1, "format": "jpeg"}
    for visibility, state, reports in product(Visibility, State, (0, 1)):
        Image.objects.create(
            owner=user,
            file="x/y.jpg#id",
            visibility=visibility,
            state=state,
            open_reports=reports,
            **measures,
        )
    found = set(Image.objects.filter(IS_CONFIDENTIAL))
    assert found == {image for image in Image.objects.all() if image.is_confidential}
    assert len(found) == 1
