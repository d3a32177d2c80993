import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from accounts.models import User
from images.models import Image

pytestmark = pytest.mark.django_db
FEED = "/api/v1/feed/"


def images_of(user) -> str:
    return f"/api/v1/users/{user.pk}/images/"


def captions(response) -> list[str]:
    assert response.status_code == 200
    return [image["caption"] for image in response.json()["results"]]


@pytest.fixture
def make_row(user):
    """Insert a row without a file: a list reads the database only."""

    def make(caption: str, owner: User = user, visibility: str = "public") -> Image:
        return Image.objects.create(
            owner=owner,
            file=f"{owner.pk}/x~id.jpg",
            caption=caption,
            visibility=visibility,
            **{"width": 64, "height": 48, "size": 1, "format": "jpeg"},
        )

    return make


@pytest.fixture
def rows(make_row, stranger) -> None:
    """Insert five public images, oldest first: a, b, c, d, e; b and d are Bob's."""
    for number, caption in enumerate("abcde"):
        make_row(caption, **({"owner": stranger} if number % 2 else {}))
        make_row("unlisted", visibility="unlisted")
        make_row("private", visibility="private")


@pytest.fixture
def deactivate():
    def run(user: User) -> None:
        User.objects.filter(pk=user.pk).update(is_active=False)

    return run


def test_feed__is_everybody_s_public_images_newest_first(anonymous, api, rows):
    assert captions(anonymous.get(FEED)) == list("edcba")
    # One's own that are not public are no exception.
    assert captions(api.get(FEED)) == list("edcba")


def test_feed__shows_images_as_the_other_endpoints_do(anonymous, api, rows):
    page = anonymous.get(FEED).json()
    assert set(page) == {"next", "previous", "results"}
    for image in page["results"]:
        assert image == api.get(f"/api/v1/images/{image['id']}/").json()


def test_user_images__are_that_user_s_public_images(anonymous, api, user, rows):
    assert captions(anonymous.get(images_of(user))) == list("eca")
    assert captions(api.get(images_of(user))) == list("eca")


def test_user_images__of_a_user_without_any_are_an_empty_page(anonymous, user):
    response = anonymous.get(images_of(user))
    assert response.status_code == 200
    assert response.json() == {"next": None, "previous": None, "results": []}


@pytest.mark.parametrize("key", [uuid.uuid4(), "me", "1", "x", "a" * 36])
def test_user_images__of_an_unknown_user_are_404_in_the_api_s_shape(anonymous, key):
    response = anonymous.get(f"/api/v1/users/{key}/images/")
    assert response.status_code == 404
    assert response.json()["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize("has_images", [True, False])
def test_user_images__of_a_suspended_user_are_404(
    anonymous, user, make_row, deactivate, has_images
):
    if has_images:
        make_row("a")
    deactivate(user)
    assert anonymous.get(images_of(user)).status_code == 404


def test_user_images__of_who_is_suspended_meanwhile_are_404(anonymous, user, make_row):
    make_row("a")

    def suspend(execute, sql, *rest):
        found = execute(sql, *rest)
        if 'FROM "images_image"' in sql:
            User.objects.filter(pk=user.pk).update(is_active=False)
        return found

    with connection.execute_wrapper(suspend):
        assert anonymous.get(images_of(user)).status_code == 404


def test_feed__leaves_out_suspended_users_and_has_them_back(
    anonymous, stranger, rows, deactivate
):
    deactivate(stranger)
    assert captions(anonymous.get(FEED)) == list("eca")
    User.objects.update(is_active=True)
    assert captions(anonymous.get(FEED)) == list("edcba")


def test_lists__page_forwards_and_backwards(anonymous, user, rows):
    for url, pages in ((FEED, ["ed", "cb", "a"]), (images_of(user), ["ec", "a"])):
        found = [anonymous.get(url, {"page_size": 2})]
        while link := found[-1].json()["next"]:
            found.append(anonymous.get(link))
        assert ["".join(captions(page)) for page in found] == pages
        back = anonymous.get(found[-1].json()["previous"])
        assert captions(back) == captions(found[-2])


def test_lists__shift_nothing_when_images_come_and_go(anonymous, make_row, rows):
    first = anonymous.get(FEED, {"page_size": 2}).json()
    make_row("new")
    Image.objects.get(caption="c").delete()
    assert captions(anonymous.get(first["next"])) == ["b", "a"]


@pytest.mark.parametrize("page_size", [1, 100])
def test_lists__cost_the_same_queries_whatever_the_page_size(
    anonymous, make_row, user, rows, page_size, django_assert_num_queries
):
    for number in range(100):
        make_row(str(number))
    # The owner's row is read by itself.
    for url, number in ((FEED, 1), (images_of(user), 2)):
        with django_assert_num_queries(number) as queries:
            page = anonymous.get(url, {"page_size": page_size}).json()
        assert len(page["results"]) == page_size
        assert "COUNT" not in queries[0]["sql"]
        with django_assert_num_queries(number):
            anonymous.get(page["next"])


@pytest.mark.parametrize("cursor", ["x", "cD1ub25zZW5zZQ==", "%FF"])
def test_lists__with_a_made_up_cursor_are_404(anonymous, user, make_row, cursor):
    make_row("a")
    for url in (FEED, images_of(user)):
        assert anonymous.get(f"{url}?cursor={cursor}").status_code == 404


def test_lists__again_with_their_etag_are_304(anonymous, user, make_row):
    make_row("a")
    for url in (FEED, images_of(user)):
        first = anonymous.get(url)
        again = anonymous.get(url, HTTP_IF_NONE_MATCH=first["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
        make_row("b")
        changed = anonymous.get(url, HTTP_IF_NONE_MATCH=first["ETag"])
        assert captions(changed)[0] == "b"


@pytest.mark.parametrize("change", ["private", "deleted", "suspended"])
def test_lists__that_show_less_than_before_are_no_304(
    anonymous, user, make_row, deactivate, change
):
    image = make_row("a")
    etag = anonymous.get(FEED)["ETag"]
    if change == "private":
        Image.objects.filter(pk=image.pk).update(visibility="private")
    elif change == "deleted":
        image.delete()
    else:
        deactivate(user)
    assert captions(anonymous.get(FEED, HTTP_IF_NONE_MATCH=etag)) == []


def test_lists__ask_caches_to_come_back_each_time(anonymous, api, rows):
    assert anonymous.get(FEED)["Cache-Control"] == "no-cache"
    assert api.get(FEED)["Cache-Control"] == "private, no-cache"
    page = anonymous.get(FEED, HTTP_ACCEPT="text/html")
    assert page["Cache-Control"] == "private, no-cache"
    assert "ETag" not in page
    assert "Accept" in page["Vary"]


def test_lists__are_limited_without_an_account(anonymous, api, user, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "anon": (1, 60)}
    assert anonymous.get(FEED).status_code == 200
    assert anonymous.get(images_of(user)).status_code == 429
    assert api.get(FEED).status_code == 200


def test_anonymous_reads__off_asks_for_a_token(anonymous, api, make_row, settings):
    image = make_row("a")
    urls = (FEED, images_of(image.owner), f"/api/v1/images/{image.pk}/")
    settings.ANONYMOUS_READS = False
    for url in urls:
        assert anonymous.get(url).status_code == 401
        assert anonymous.get(url)["WWW-Authenticate"].startswith("Bearer")
        assert api.get(url).status_code == 200
    assert anonymous.get("/api/v1/images/x/").status_code == 401


def test_visible_to__joins_the_owner_once():
    for user in (AnonymousUser(), User()):
        images = Image.objects.select_related("owner").visible_to(user)
        assert str(images.query).count("JOIN") == 1
