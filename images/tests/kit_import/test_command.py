import psycopg
import pytest

from images.imagekit.aliases import imagekit_storage
from images.management.kit_import.source import opening_kit_backend
from images.models import Image

pytestmark = pytest.mark.django_db


def test_options__that_exclude_each_other(import_):
    outcome = import_("--leave-in-place", "--delete-old-files")
    assert outcome.code == 2
    assert "needs the old files" in outcome.error


@pytest.mark.parametrize(
    ("old", "new"),
    [("media", "media"), ("media/kit", "media"), ("media", "media/new"), ("", "media")],
)
def test_folders__that_contain_each_other(import_, monkeypatch, old, new):
    """Otherwise `reconcile_files` would take the old files for orphans."""
    monkeypatch.setattr(imagekit_storage("kit_backend"), "location", old)
    monkeypatch.setattr(imagekit_storage(), "location", new)
    outcome = import_()
    assert outcome.code == 2
    assert "must not contain each other" in outcome.error


def test_folders__with_names_that_begin_alike(import_, monkeypatch):
    monkeypatch.setattr(imagekit_storage("kit_backend"), "location", "media-old")
    assert import_().code == 0


def test_database__that_cannot_be_reached(run):
    outcome = run(url="postgresql://ann:a-secret@127.0.0.1:1/kit")
    assert outcome.code == 2
    assert "Could not finish" in outcome.error
    assert "a-secret" not in outcome.error


@pytest.mark.parametrize(
    ("statement", "missing"),
    [
        ("DROP TABLE images", '"images" does not exist'),
        ("ALTER TABLE users DROP COLUMN hashed_password", '"hashed_password" does not'),
    ],
)
def test_database__of_another_program(kit, import_, statement, missing):
    kit.add_user()
    kit.connection.execute(statement)
    outcome = import_()
    assert outcome.code == 2
    assert missing in outcome.error


@pytest.mark.parametrize("driver", ["psycopg2", "asyncpg", "psycopg"])
def test_database_url__of_sqlalchemy(kit, run, driver):
    assert run(url=kit.url.replace("postgres:", f"postgresql+{driver}:")).code == 0


def test_database__is_only_read(kit):
    refused = pytest.raises(psycopg.errors.ReadOnlySqlTransaction)
    with opening_kit_backend(kit.url) as backend, refused:
        backend._fetch("DELETE FROM users RETURNING id")


def test_database__keys_of_another_type(kit, upload, import_):
    """Later states of kit-backend may have UUIDs, and times with a zone."""
    kit.connection.execute("""
        DROP TABLE images, users;
        CREATE TABLE users (id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            email TEXT, hashed_password TEXT, created_at TIMESTAMPTZ);
        CREATE TABLE images (id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id UUID REFERENCES users, image_url TEXT, imagekit_file_id TEXT,
            caption TEXT, created_at TIMESTAMPTZ);
    """)
    for name in ("ann", "bob"):
        kit.add_image(kit.add_user(f"{name}@example.com"), upload())
    outcome = import_("--leave-in-place")
    assert outcome.code == 0, outcome.text
    assert {image.owner.email for image in Image.objects.all()} == {
        "ann@example.com",
        "bob@example.com",
    }
