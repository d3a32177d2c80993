from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import User
from images.management.seeding import FOLDER, seed, seeded_email
from images.models import Image
from images.outbox.models import PendingDeletion
from images.reconciliation.database import wrong_counts

PASSWORD = "correct horse battery 9"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def run(settings, capsys):
    """Run the command as on a developer's machine; returns what it prints."""
    settings.DEBUG = True

    def call(*args: str) -> str:
        call_command("seed_images", *args)
        return capsys.readouterr().out

    return call


@pytest.mark.django_db(transaction=True)
def test_seed_images__leaves_a_database_that_is_right(run, api_of):
    text = run("--images=400", "--users=5", "--largest=100", f"--password={PASSWORD}")
    assert "Added 400 images without files, and 5 users" in text
    images = Image.objects.order_by("pk")
    assert images.count() == 400
    assert list(wrong_counts()) == []
    assert all(image.pk.version == 7 for image in images)
    assert list(images) == list(images.order_by("created_at"))
    assert 60 < images.filter(visibility="public").count() < 140
    assert all(image.file.name.startswith(f"{FOLDER}/") for image in images)
    largest = User.objects.get(email=seeded_email(0))
    assert (largest.item_count, largest.content_version) == (100, 100)
    assert {image.owner_id for image in images[:100]} == {largest.pk}
    api = api_of(seeded_email(0))
    assert api.get("/api/v1/images/").json()["count"] == 100
    assert len(api.get("/api/v1/feed/").json()["results"]) == 20


@pytest.fixture
def api_of(anonymous):
    """Sign in by the API; returns the client."""

    def sign_in(email: str):
        form = urlencode({"username": email, "password": PASSWORD})
        answer = anonymous.post("/api/v1/auth/login/", form, content_type=FORM)
        assert answer.status_code == 200, answer.json()
        anonymous.credentials(
            HTTP_AUTHORIZATION=f"Bearer {answer.json()['access_token']}"
        )
        return anonymous

    return sign_in


@pytest.mark.django_db
def test_seed_images__is_all_or_nothing(make_user):
    make_user(seeded_email(3))
    with pytest.raises(Exception, match="unique"):
        seed(images=20, users=5)
    connection.check_constraints()
    assert not Image.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [True, False])
def test_seed_images__refuses_a_database_with_images(run, settings, debug):
    settings.DEBUG = debug
    seed(images=1, users=1)
    with pytest.raises(CommandError, match="has images"):
        run("--yes")
    User.objects.get().delete()
    User.objects.create(email=seeded_email(0))
    with pytest.raises(CommandError, match="seeded users"):
        run("--yes")


@pytest.mark.django_db
def test_seed_images__wants_a_word_in_production(run, settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG is off"):
        run()


@pytest.mark.django_db
def test_seed_images__refuses_more_of_one_user_than_there_are(run):
    with pytest.raises(CommandError, match="more than --images"):
        run("--images=5", "--largest=6")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_seeded_images__are_missing_for_reconcile_files_and_go_by_the_sweep(
    capsys, django_capture_on_commit_callbacks
):
    seed(images=20, users=2)
    with pytest.raises(SystemExit):
        call_command("reconcile_files")
    assert "images whose file is missing" in capsys.readouterr().out
    assert not Image.objects.exclude(missing_since=None).exists()
    User.objects.all().delete()
    assert PendingDeletion.objects.count() == 20
    call_command("sweep_files", "--grace=0")
    assert not PendingDeletion.objects.exists()
