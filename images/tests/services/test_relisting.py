import pytest
from django.core.management import call_command

from accounts.models import User
from images.models import Image
from images.services import relisting as listing

pytestmark = pytest.mark.django_db
FEED = "/api/v1/feed/"


@pytest.fixture
def add_images(user):
    """Insert rows without files, public ones unless `fields` say otherwise."""

    def add(number: int, owner: User = user, **fields) -> None:
        measures = {"width": 64, "height": 48, "size": 1, "format": "jpeg"}
        fields = {"visibility": "public", **fields}
        for _ in range(number):
            Image.objects.create(
                owner=owner, file=f"{owner.pk}/x~id.jpg", **measures, **fields
            )

    return add


def set_active(user: User, active: bool) -> None:
    User.objects.filter(pk=user.pk).update(is_active=active)


def in_feed(client) -> int:
    return len(client.get(FEED).json()["results"])


def test_relist__takes_out_what_is_of_suspended_users(
    anonymous, user, stranger, add_images, monkeypatch
):
    monkeypatch.setattr(listing, "_BATCH", 2)
    add_images(5)
    add_images(3, owner=stranger)
    add_images(1, visibility="private")
    assert listing.relist_images() == 0
    set_active(user, False)
    assert in_feed(anonymous) == 3
    assert listing.relist_images() == 5
    assert listing.relist_images() == 0
    assert in_feed(anonymous) == 3
    listed = Image.objects.filter(listed=True)
    assert set(listed.values_list("owner", "visibility")) == {
        (stranger.pk, "public"),
        (user.pk, "private"),
    }


def test_relist__puts_back_what_is_of_reinstated_users(anonymous, user, add_images):
    add_images(5)
    set_active(user, False)
    listing.relist_images()
    set_active(user, True)
    assert listing.relist_images() == 5
    assert in_feed(anonymous) == 5
    assert len(anonymous.get(f"/api/v1/users/{user.pk}/images/").json()["results"]) == 5


def test_relist__changes_nothing_that_anybody_sees(user, add_images):
    add_images(1)
    before = Image.objects.values("version", "updated_at").get()
    set_active(user, False)
    listing.relist_images()
    assert Image.objects.values("version", "updated_at").get() == before


def test_suspended_user_s_images__are_hidden_before_and_after_the_sweep(
    anonymous, user, add_images
):
    add_images(2)
    set_active(user, False)
    assert in_feed(anonymous) == 0
    call_command("sweep_files")
    assert not Image.objects.filter(listed=True).exists()
    # Made meanwhile by a request that had begun before.
    add_images(1)
    assert in_feed(anonymous) == 0


def test_own_list__has_what_is_not_listed(api, user, add_images):
    add_images(2)
    Image.objects.update(listed=False)
    assert len(api.get("/api/v1/images/").json()["results"]) == 2
