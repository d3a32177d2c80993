"""Requests with a token pass the middleware for pages by, and are answered alike."""

import uuid

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens.sessions import end_all_sessions
from images.models import Image

pytestmark = pytest.mark.django_db
ME, IMAGES = "/api/v1/users/me/", "/api/v1/images/"
# A cookie sends a request through all middleware; this one means nothing.
THROUGH_ALL = {"Cookie": "colour=green"}
# Of its own for each request.
ID = "X-Request-ID"


def ask(access: str, path: str, headers: dict[str, str], method: str = "get"):
    given = {"Authorization": f"Bearer {access}", **headers}
    return getattr(APIClient(), method)(path, headers=given)


def is_short(response) -> bool:
    # The session middleware would have put it there.
    return not hasattr(response.wsgi_request, "session")


def both_ways(access, path, headers=None, method="get"):
    """Return the answer that both ways agree on."""
    short = ask(access, path, headers or {}, method)
    long = ask(access, path, {**(headers or {}), **THROUGH_ALL}, method)
    assert not is_short(long)
    assert short.status_code == long.status_code
    assert short.content == long.content
    assert {**short.headers, ID: ""} == {**long.headers, ID: ""}
    return short


@pytest.fixture
def access(user, sign_in) -> str:
    return sign_in(user)["access"]


@pytest.fixture
def images(stored_image) -> list[Image]:
    return [stored_image(visibility=kind) for kind in ("public", "private", "unlisted")]


@pytest.mark.parametrize(
    "query", ["", "?page_size=1", "?page_size=0", "?search=sea", "?unknown=1"]
)
def test_list__is_the_same(access, images, query):
    answer = both_ways(access, IMAGES + query)
    assert answer.status_code == 200
    assert is_short(answer)


def test_pages__are_the_same_forwards_and_backwards(access, images):
    url, seen = f"{IMAGES}?page_size=1", []
    while url:
        answer = both_ways(access, url).json()
        seen += [image["id"] for image in answer["results"]]
        url = answer["next"]
    assert seen == [str(image.pk) for image in reversed(images)]
    back = both_ways(access, answer["previous"])
    assert [image["id"] for image in back.json()["results"]] == seen[1:2]
    assert is_short(back)


@pytest.mark.parametrize("cursor", ["cD1ub3QtYS11dWlk", "%%%", "bz05OTk5"])
def test_forged_cursors__are_answered_the_same(access, images, cursor):
    both_ways(access, f"{IMAGES}?cursor={cursor}")


def test_profile__is_the_same(access, images):
    answer = both_ways(access, ME)
    assert (answer.json()["image_count"], is_short(answer)) == (3, True)


def test_own_images__are_the_same(access, images):
    for image in images:
        answer = both_ways(access, f"{IMAGES}{image.pk}/")
        assert (answer.status_code, is_short(answer)) == (200, True)


def test_images_of_others__are_the_same(images, make_user, sign_in):
    access = sign_in(make_user("bea@example.com"))["access"]
    answers = [both_ways(access, f"{IMAGES}{image.pk}/") for image in images]
    assert [answer.status_code for answer in answers] == [200, 404, 200]


@pytest.mark.parametrize("state", ["hidden", "taken_down"])
def test_moderated_images__are_the_same(access, images, state):
    Image.objects.update(
        state=state,
        state_reason="spam",
        state_note="No.",
        state_since="2026-01-01T00:00Z",
    )
    assert both_ways(access, IMAGES).json()["results"][0]["moderation"]
    assert both_ways(access, f"{IMAGES}{images[0].pk}/").status_code == 200


def test_conditions__are_the_same(access, images):
    for url in (IMAGES, f"{IMAGES}{images[0].pk}/"):
        tag = both_ways(access, url)["ETag"]
        unchanged = both_ways(access, url, {"If-None-Match": tag})
        assert (unchanged.status_code, is_short(unchanged)) == (304, True)
        both_ways(access, url, {"If-Match": '"other"'})


@pytest.mark.parametrize("key", [uuid.uuid4(), "none", "a/b", "%00"])
def test_unknown_ids__are_answered_the_same(access, key):
    assert both_ways(access, f"{IMAGES}{key}/").status_code == 404


@pytest.mark.parametrize("path", [ME, IMAGES])
@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_bad_tokens__are_answered_the_same(db, path, token):
    assert both_ways(token, path).status_code == 401


def test_tokens_of_the_gone__are_answered_the_same(access, user):
    assert both_ways(access, ME).status_code == 200
    end_all_sessions(user)
    assert both_ways(access, ME).status_code == 401
    User.objects.update(is_active=False)
    assert both_ways(access, ME).status_code == 401
    user.delete()
    assert both_ways(access, ME).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "elsewhere.example.com"},
        {"Origin": "https://app.example.com"},
        {"Accept": "application/json"},
        {"Accept": "application/json; indent=4"},
        {"Accept": "text/html"},
        {"Accept": "image/png"},
        {ID: "mine"},
    ],
)
@pytest.mark.parametrize("path", [ME, IMAGES])
def test_headers__count_the_same(access, path, headers, monkeypatch):
    monkeypatch.setattr(
        settings, "CORS_ALLOWED_ORIGINS", ["https://app.example.com"], raising=False
    )
    short = ask(access, path, headers)
    long = ask(access, path, {**headers, **THROUGH_ALL})
    assert short.status_code == long.status_code
    assert set(short.headers) == set(long.headers)


def test_a_flood_of_parameters__is_refused_the_same(access):
    query = "&".join(f"a{number}=1" for number in range(2000))
    for path in (ME, IMAGES):
        both_ways(access, f"{path}?{query}")


def test_below_a_prefix__paths_are_found(access):
    answer = APIClient().get(
        ME, headers={"Authorization": f"Bearer {access}"}, SCRIPT_NAME="/media"
    )
    assert (answer.status_code, is_short(answer)) == (200, True)


@pytest.mark.parametrize("path", [ME, IMAGES])
@pytest.mark.parametrize("method", ["head", "options", "post", "put"])
def test_other_methods__are_the_same(access, path, method):
    assert is_short(both_ways(access, path, method=method))


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_scheme__is_read_without_regard_to_case(access, scheme):
    answer = APIClient().get(ME, headers={"Authorization": f"{scheme} {access}"})
    assert is_short(answer)


def test_anonymous_reads__go_through_all_middleware(images):
    assert not is_short(APIClient().get(f"{IMAGES}{images[0].pk}/"))


def test_plain_reads__cost_what_they_must(access, images, django_assert_num_queries):
    for path, queries in ((ME, 1), (IMAGES, 2), (f"{IMAGES}{images[0].pk}/", 2)):
        with django_assert_num_queries(queries):
            assert is_short(ask(access, path, {}))
