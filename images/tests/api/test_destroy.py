import pytest

from accounts.models import User
from images.models import Image
from images.outbox.models import PendingDeletion

pytestmark = pytest.mark.django_db


def url_of(image: Image) -> str:
    return f"/api/v1/images/{image.pk}/"


def test_destroy__removes_the_row_and_the_remote_file(
    api, user, stored_image, remote_paths, django_capture_on_commit_callbacks
):
    image = stored_image()
    with django_capture_on_commit_callbacks(execute=True):
        response = api.delete(url_of(image))
    assert response.status_code == 204
    assert not Image.objects.exists()
    assert remote_paths() == set()
    assert not PendingDeletion.objects.exists()
    user.refresh_from_db()
    assert user.item_count == 0
    assert api.delete(url_of(image)).status_code == 404


def test_destroy__before_the_commit_touches_no_remote_file(
    api, stored_image, remote_paths
):
    api.delete(url_of(stored_image()))
    assert len(remote_paths()) == 1
    assert PendingDeletion.objects.get().reason == "deleted"


def test_destroy__works_with_a_counter_that_is_wrong(api, user, stored_image):
    image = stored_image()
    User.objects.update(item_count=0)
    assert api.delete(url_of(image)).status_code == 204
    user.refresh_from_db()
    assert user.item_count == 0


def test_queryset_delete__schedules_each_file_and_counts_down(user, stored_image):
    names = {stored_image().file.name for _ in range(3)}
    Image.objects.all().delete()
    assert set(PendingDeletion.objects.values_list("name", flat=True)) == names
    user.refresh_from_db()
    assert user.item_count == 0


def test_user_delete__takes_the_images_with_it(
    user, stranger, stored_image, remote_paths, django_capture_on_commit_callbacks
):
    stored_image()
    kept = stored_image(owner=stranger)
    with django_capture_on_commit_callbacks(execute=True):
        user.delete()
    assert list(Image.objects.all()) == [kept]
    assert len(remote_paths()) == 1
    assert User.objects.get().item_count == 1
