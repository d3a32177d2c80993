"""An image by its id and in the public lists, for everybody and every visibility."""

import pytest

from accounts.models import User
from images.models import Image
from mediabackend.tests.site.roles import ROLES, make_person

pytestmark = pytest.mark.django_db
# The status by id: for the owner, and for others whatever their rights; those who
# moderate do it in the admin.
BY_ID = {"public": (200, 200), "unlisted": (200, 200), "private": (200, 404)}
LISTED = {"public"}


@pytest.fixture(params=ROLES)
def role(request) -> str:
    return request.param


@pytest.fixture
def people(role, make_user, sign_in):
    return {name: make_person(name, make_user, sign_in) for name in {role, "owner"}}


@pytest.fixture
def images(people) -> dict[str, Image]:
    measures = {"width": 64, "height": 48, "size": 1, "format": "jpeg"}
    owner = people["owner"].user
    return {
        visibility: Image.objects.create(
            owner=owner, file="x/y~id.jpg", visibility=visibility, **measures
        )
        for visibility in BY_ID
    }


def by_id(person, image: Image) -> int:
    return person.client().get(f"/api/v1/images/{image.pk}/").status_code


def listed(person, url: str) -> set[str]:
    response = person.client().get(url)
    assert response.status_code == 200
    return {image["visibility"] for image in response.json()["results"]}


def test_image__is_seen_by_whom_its_visibility_says(role, people, images):
    for visibility, (owner, others) in BY_ID.items():
        expected = owner if role == "owner" else others
        if role == "suspended":
            # The old token is refused before anything is looked up.
            expected = 401
        assert by_id(people[role], images[visibility]) == expected, visibility


def test_lists__hold_public_images_only_even_for_their_owner(role, people, images):
    urls = ("/api/v1/feed/", f"/api/v1/users/{people['owner'].user.pk}/images/")
    for url in urls:
        if role == "suspended":
            assert people[role].client().get(url).status_code == 401
        else:
            assert listed(people[role], url) == LISTED


def test_image__of_a_suspended_owner_is_seen_by_nobody(role, people, images):
    User.objects.filter(pk=people["owner"].user.pk).update(is_active=False)
    refused = 401 if role in ("suspended", "owner") else 404
    for visibility, image in images.items():
        assert by_id(people[role], image) == refused, visibility
    if refused == 404:
        assert listed(people[role], "/api/v1/feed/") == set()
        url = f"/api/v1/users/{people['owner'].user.pk}/images/"
        assert people[role].client().get(url).status_code == 404


def test_image__is_seen_again_when_its_owner_is_back(role, people, images):
    owners = User.objects.filter(pk=people["owner"].user.pk)
    owners.update(is_active=False)
    owners.update(is_active=True)
    # The owner has to sign in again.
    expected = 401 if role in ("suspended", "owner") else 200
    assert by_id(people[role], images["unlisted"]) == expected
