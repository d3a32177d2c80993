from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from images.models import Image

pytestmark = pytest.mark.django_db
URL = "/api/v1/images/"


@pytest.fixture
def make_rows(user):
    """Insert rows without files: a list reads the database only."""

    def make(count: int, owner=None, **fields) -> list[Image]:
        owner = owner or user
        measures = {"width": 64, "height": 48, "size": 1, "format": "jpeg"}
        images = [
            Image(
                owner=owner,
                file=f"{owner.pk}/{number}~id.jpg",
                caption=f"number {number}",
                **(measures | fields),
            )
            for number in range(count)
        ]
        Image.objects.bulk_create(images)
        User.objects.filter(pk=owner.pk).update(item_count=F("item_count") + count)
        return images

    return make


def captions(response) -> list[str]:
    return [image["caption"] for image in response.json()["results"]]


def test_list__is_newest_first_and_only_one_s_own(api, make_rows, stranger):
    make_rows(3)
    make_rows(2, owner=stranger, visibility="public")
    response = api.get(URL)
    assert response.status_code == 200
    assert captions(response) == ["number 2", "number 1", "number 0"]
    assert response.json()["count"] == 3


def test_list__pages_forwards_and_backwards(api, make_rows):
    make_rows(5)
    first = api.get(URL, {"page_size": 2})
    second = api.get(first.json()["next"])
    third = api.get(second.json()["next"])
    assert [captions(page) for page in (first, second, third)] == [
        ["number 4", "number 3"],
        ["number 2", "number 1"],
        ["number 0"],
    ]
    assert third.json()["next"] is None
    assert first.json()["previous"] is None
    assert captions(api.get(third.json()["previous"])) == captions(second)
    assert {page.json()["count"] for page in (first, second, third)} == {5}


def test_list__shifts_nothing_when_images_come_and_go_between_pages(api, make_rows):
    rows = make_rows(4)
    first = api.get(URL, {"page_size": 2})
    make_rows(1)
    rows[2].delete()
    second = api.get(first.json()["next"])
    assert captions(second) == ["number 1", "number 0"]


@pytest.mark.parametrize("page_size", [1, 20, 100])
def test_list__costs_two_queries_whatever_the_page_size(
    api, make_rows, page_size, django_assert_num_queries
):
    make_rows(101)
    with django_assert_num_queries(2):
        response = api.get(URL, {"page_size": page_size})
    assert len(response.json()["results"]) == page_size


@pytest.mark.parametrize(
    ("asked", "given"), [("0", 20), ("-1", 20), ("x", 20), ("101", 100), ("", 20)]
)
def test_list__bounds_the_page_size(api, make_rows, asked, given):
    make_rows(101)
    assert len(api.get(URL, {"page_size": asked}).json()["results"]) == given


def test_search__looks_into_caption_and_alt_text(api, make_rows):
    make_rows(3)
    make_rows(1, alt_text="A RED boat")
    response = api.get(URL, {"search": "red"})
    assert captions(response) == ["number 0"]
    assert response.json()["count"] == 1
    assert api.get(URL, {"search": "number"}).json()["count"] == 4


def test_count__of_a_filtered_list_ends_at_a_limit(api, make_rows, monkeypatch):
    monkeypatch.setattr("images.api.own_list.MAX_COUNT", 3)
    make_rows(5)
    page = api.get(URL, {"search": "number", "page_size": 4}).json()
    assert (page["count"], len(page["results"])) == (3, 4)
    assert page["next"]
    assert api.get(URL).json()["count"] == 5


@pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"; DROP TABLE'])
def test_search__takes_special_characters_literally(api, make_rows, text):
    make_rows(2)
    make_rows(1, alt_text=f"before {text} after")
    assert api.get(URL, {"search": text}).json()["count"] == 1


def test_filter__by_visibility(api, make_rows):
    make_rows(2)
    make_rows(1, visibility="private")
    assert api.get(URL, {"visibility": "private"}).json()["count"] == 1
    response = api.get(URL, {"visibility": "nobody"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["attr"] == "visibility"


def test_filter__by_date(api, make_rows):
    rows = make_rows(3)
    middle = rows[1].created_at
    for number, image in enumerate(rows):
        when = middle + timedelta(hours=number - 1)
        Image.objects.filter(pk=image.pk).update(created_at=when)
    text = middle.isoformat().replace("+00:00", "Z")
    assert captions(api.get(URL, {"created_after": text})) == ["number 2"]
    assert captions(api.get(URL, {"created_before": text})) == ["number 0"]
    for odd in ("yesterday", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59-23:59"):
        assert api.get(URL, {"created_after": odd}).status_code == 400


def test_list__without_a_token_is_401(anonymous):
    assert anonymous.get(URL).status_code == 401


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=st.text(max_size=60) | st.binary(max_size=40).map(lambda b: b.hex()))
def test_list__with_a_made_up_cursor_is_never_a_500(api, cursor):
    response = api.get(f"{URL}?cursor={quote(cursor, errors='surrogatepass')}")
    assert response.status_code in (200, 404)


def test_list__with_a_cursor_at_no_uuid_is_404(api, make_rows):
    make_rows(1)
    # base64 of "p=nonsense"
    assert api.get(URL, {"cursor": "cD1ub25zZW5zZQ=="}).status_code == 404


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    search=st.text(max_size=30),
    page_size=st.text(max_size=5),
    created_after=st.text(max_size=20) | st.datetimes().map(str),
)
def test_list__with_any_parameters_is_never_a_500(api, **parameters):
    query = "&".join(
        f"{name}={quote(value, errors='surrogatepass')}"
        for name, value in parameters.items()
    )
    assert api.get(f"{URL}?{query}").status_code in (200, 400)
