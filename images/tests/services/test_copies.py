"""The look for copies of a new picture, and what an upload does with its answer."""

from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import User
from images.imagekit.aliases import imagekit_storage
from images.models import Image, RemovedPicture, Report
from images.outbox.models import PendingDeletion
from images.outbox.reservations import upload_file
from images.screening.copies import NEAR, ContentRemoved, Copies, find_copies
from images.screening.inspection import inspect_file
from images.tests.pictures import make_image

SHA = "ab" * 32


def new_image(owner: User, sha256: str = SHA, number: int | None = 0) -> Image:
    return Image(owner=owner, sha256=sha256, perceptual_hash=number)


def remove(sha256: str = "", number: int | None = None) -> RemovedPicture:
    return RemovedPicture.objects.create(
        image_id=uuid4(), reason="spam", sha256=sha256, perceptual_hash=number
    )


@pytest.mark.django_db
def test_look__is_one_statement(user, django_assert_num_queries):
    remove("cd" * 32, -1)
    for number in (0, None, -(1 << 63)):
        with django_assert_num_queries(1):
            assert find_copies(new_image(user, number=number)) == Copies()


@pytest.mark.django_db
def test_look__refuses_the_bytes_of_a_removed_picture(user):
    remove(SHA)
    with pytest.raises(ContentRemoved):
        find_copies(new_image(user))
    assert find_copies(new_image(user, "cd" * 32)) == Copies()


@pytest.mark.django_db
@pytest.mark.parametrize("known", [0, -1, -(1 << 63), (1 << 63) - 1])
def test_look__finds_the_most_similar_removed_picture(user, known):
    far, near = (1 << NEAR + 1) - 1, (1 << NEAR) - 1
    remove(number=known ^ far)
    assert find_copies(new_image(user, number=known)) == Copies()
    # A copy of no known look is like nothing, and nothing is like it.
    remove()
    assert find_copies(new_image(user, number=None)) == Copies()
    remove(number=known ^ near)
    nearest = remove(number=known ^ 1)
    assert find_copies(new_image(user, number=known)).similar == nearest


@pytest.mark.django_db
def test_look__finds_the_oldest_of_the_owners_own_copies(user, stored_image, make_user):
    first, _ = stored_image(), stored_image()
    assert find_copies(new_image(user, first.sha256)).duplicate == first.pk
    stranger = make_user("stranger@example.com")
    assert find_copies(new_image(stranger, first.sha256)).duplicate is None


@pytest.mark.django_db
def test_look__for_an_account_that_is_gone(user):
    gone = new_image(user)
    User.objects.filter(pk=user.pk).delete()
    assert find_copies(gone) == Copies()


@pytest.mark.django_db
def test_upload__of_a_similar_picture_is_reported(stored_image):
    removed = remove(number=stored_image().perceptual_hash)
    image = stored_image(width=65)
    report = Report.objects.get(image=image)
    assert str(removed.image_id) in report.details
    image.refresh_from_db()
    assert image.open_reports == 1


@pytest.mark.django_db(transaction=True)
def test_upload__in_a_transaction_is_refused_before_it_begins(remote_paths):
    file = inspect_file(make_image().file).content
    with transaction.atomic(), pytest.raises(RuntimeError):
        upload_file(imagekit_storage(), "somebody/a.jpg", file)
    assert not PendingDeletion.objects.exists()
    assert not remote_paths()
