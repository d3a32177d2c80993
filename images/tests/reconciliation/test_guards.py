"""Files and rows that must not be changed: too new, elsewhere, or too many."""

import pytest
from django.core.files.storage import storages
from django.core.management import load_command_class

from accounts.models import User
from imagekit_emulator.faults import Fault
from images.imagekit.files import ImageKitFiles
from images.imagekit.names import StoredName
from images.models import Image
from images.outbox.models import PendingDeletion
from images.tests.reconciliation.conftest import file_id, run_command
from images.tests.reconciliation.library import (
    add_files,
    add_images,
    age_files,
    drop_files,
    new_file,
)

pytestmark = pytest.mark.django_db
ELSEWHERE = ["media-other", "media2", "media-other/media", "mediam", "Media", ""]


@pytest.mark.parametrize("location", ELSEWHERE)
def test_file_outside_the_folder__is_not_seen(images, emulator, reconcile, location):
    stranger = new_file("u")
    name = StoredName.parse(images[0].file.name).path.rpartition("/")[2]
    same_name = new_file("u")._replace(path=f"u/{name}")
    add_files(emulator, [stranger, same_name], location=location)
    outcome = reconcile("--fix")
    assert (outcome.code, outcome.counts) == (0, {})
    assert outcome.report["remote_files"] == 5


def test_file_outside_the_folder__that_the_service_lists_nevertheless(
    images, emulator, reconcile, monkeypatch
):
    """ImageKit may match the prefix by folders or by letters."""
    for location in ELSEWHERE:
        add_files(emulator, [new_file("u")], location=location)
    search = ImageKitFiles.search

    def search_everywhere(self, query, **options):
        return search(self, 'type = "file" AND path : "/"', **options)

    monkeypatch.setattr(ImageKitFiles, "search", search_everywhere)
    outcome = reconcile("--fix")
    assert (outcome.code, outcome.counts) == (0, {})
    assert outcome.report["remote_files"] == 5


def test_file_of_a_row_elsewhere_in_the_folder__only_the_copy_is_an_orphan(
    images, emulator, reconcile
):
    name = StoredName.parse(images[0].file.name).path.rpartition("/")[2]
    copy = new_file("u")._replace(path=f"copies/{name}")
    add_files(emulator, [copy])
    assert reconcile("--fix").counts == {"orphans": 1}
    assert PendingDeletion.objects.get().name == copy.name


def test_no_folder_configured__is_refused(images, orphan, monkeypatch):
    monkeypatch.setattr(storages["default"], "location", "")
    outcome = run_command("--fix")
    assert outcome.code == 2
    assert "IMAGEKIT_FOLDER" in outcome.error
    assert not PendingDeletion.objects.exists()


def test_young_file__is_no_orphan(images, orphan, emulator, reconcile):
    assert reconcile("--older-than=24h").counts == {}
    age_files(emulator, 23.9 * 3600)
    assert reconcile("--older-than=24h").counts == {}
    age_files(emulator, 24.1 * 3600)
    assert reconcile("--older-than=24h").counts == {"orphans": 1}
    with emulator.services.database.write() as connection:
        connection.execute("UPDATE assets SET updated_at = updated_at + 3600000")
    assert reconcile("--older-than=24h").counts == {}, "changed a moment ago"


def test_defaults():
    command = load_command_class("images", "reconcile_files")
    parser = command.create_parser("manage.py", "reconcile_files")
    given = parser.parse_args([])
    assert given.older_than.total_seconds() == 24 * 3600
    assert (given.max_share, given.fix, given.force) == (0.05, False, False)


@pytest.fixture
def many(emulator, user):
    add_images(emulator, [user], 40)
    return list(Image.objects.order_by("pk"))


def test_few_orphans__are_repaired_whatever_their_share(images, emulator, reconcile):
    add_files(emulator, [new_file("x") for _ in range(10)])
    assert reconcile("--fix").code == 0
    assert PendingDeletion.objects.count() == 10


def test_too_many_orphans__are_refused_until_forced(many, emulator, user, reconcile):
    add_files(emulator, [new_file("x") for _ in range(11)])
    User.objects.filter(pk=user.pk).update(item_count=0)
    outcome = reconcile("--fix")
    assert outcome.code == 1
    assert outcome.count("orphans") == 11
    assert "--force" in outcome.report["findings"]["orphans"]["refused"]
    assert not PendingDeletion.objects.exists()
    assert outcome.report["findings"]["counts"]["fixed"] == 1, "of another kind"
    assert "too many to repair" in run_command("--fix").text
    assert reconcile("--fix", "--max-share=30%").code == 0
    assert PendingDeletion.objects.count() == 11


def test_too_many_orphans__forced(many, emulator, reconcile):
    add_files(emulator, [new_file("x") for _ in range(11)])
    assert reconcile("--fix", "--force").code == 0
    assert PendingDeletion.objects.count() == 11


def test_too_many_missing__are_refused_until_forced(many, emulator, reconcile):
    drop_files(emulator, [file_id(image) for image in many[:11]])
    outcome = reconcile("--fix")
    assert outcome.code == 1
    assert "--force" in outcome.report["findings"]["missing"]["refused"]
    assert not Image.objects.exclude(missing_since=None).exists()
    assert reconcile("--fix", "--force").code == 0
    assert Image.objects.exclude(missing_since=None).count() == 11


def test_wrong_account__is_given_up_early(many, emulator, reconcile, monkeypatch):
    """If all files seem to be missing, not each of them is looked up."""
    monkeypatch.setattr("images.reconciliation.run._ROWS_A_BATCH", 6)
    drop_files(emulator, [file_id(image) for image in many])
    outcome = reconcile("--fix")
    assert outcome.code == 1
    assert outcome.count("missing") == 12
    assert outcome.report["rows_not_looked_up"] == 28
    assert emulator.requests.counts()["details"] == 12
    assert not Image.objects.exclude(missing_since=None).exists()


def test_prefix__restricts_files_rows_and_counts(
    images, orphan, emulator, user, stranger, reconcile
):
    add_images(emulator, [stranger], 3)
    theirs = Image.objects.filter(owner=stranger).order_by("pk")
    add_files(emulator, [new_file(stranger.pk), new_file(f"{user.pk}x")])
    drop_files(emulator, [file_id(images[0]), file_id(theirs[0])])
    User.objects.update(item_count=7)
    for prefix in (str(user.pk), f"/{user.pk}/"):
        outcome = reconcile(f"--prefix={prefix}")
        assert outcome.counts == {"orphans": 1, "missing": 1, "counts": 1}
        assert outcome.report["folder"] == f"/media/{user.pk}/"
        assert (outcome.report["remote_files"], outcome.report["rows"]) == (5, 5)
    reconcile("--fix", f"--prefix={user.pk}")
    assert PendingDeletion.objects.get().name == orphan.name
    assert Image.objects.exclude(missing_since=None).get() == images[0]
    stranger.refresh_from_db()
    assert stranger.item_count == 7


def test_prefix__that_is_nobodys(images, emulator, user, reconcile):
    User.objects.update(item_count=7)
    add_files(emulator, [new_file("old"), new_file("older"), new_file("OLD")])
    Image.objects.filter(pk=images[0].pk).update(file="OLD/a.jpg")
    outcome = reconcile("--prefix=old")
    assert outcome.counts == {"orphans": 1}
    assert outcome.report["rows"] == 0


WRONG = {
    "up": "--prefix=../x",
    "up inside": "--prefix=a/../../b",
    "empty": "--prefix=",
    "slash": "--prefix=/",
    "double slash": "--prefix=a//b",
    "quote": '--prefix=a"b',
    "age": "--older-than=1y",
    "no unit": "--older-than=24",
    "negative": "--older-than=-1h",
    "share": "--max-share=101%",
    "no percent": "--max-share=5",
}


@pytest.mark.parametrize("argument", WRONG.values(), ids=WRONG)
def test_wrong_argument__is_refused(db, argument):
    outcome = run_command(argument)
    assert outcome.code != 0
    assert outcome.error
    assert outcome.text == ""


OUTAGES = {
    "listing, at once": Fault("list", "status", status=503, every=1),
    "listing, dropped": Fault("list", "drop_before", every=1),
    "listing, garbage": Fault("list", "garbage", every=1),
    "listing, empty": Fault("list", "empty", every=1),
    "listing, no list": Fault("list", "status", status=200, body={}, every=1),
    "listing, text": Fault("list", "status", status=200, body="hello", every=1),
    "listing, others": Fault("list", "status", status=200, body=[{"a": 1}], every=1),
    "listing, wrong key": Fault("list", "status", status=401, every=1),
    "listing, 404": Fault("list", "status", status=404, every=1),
    "details": Fault("details", "status", status=500, every=1),
    "details, dropped": Fault("details", "drop_before", every=1),
    "details, refused": Fault("details", "status", status=403, every=1),
    # With the status 404, as the file is not there.
    "details, garbage": Fault("details", "garbage", every=1),
    "details, 404 of a proxy": Fault(
        "details", "status", status=404, body="<html>no such host</html>", every=1
    ),
}


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES)
@pytest.mark.parametrize("pages", [0, 1], ids=["at once", "in the middle"])
def test_outage__marks_nothing(
    images, orphan, user, emulator, before_call, small_pages, fault, pages
):
    drop_files(emulator, [file_id(images[0])])
    User.objects.filter(pk=user.pk).update(item_count=9)
    add_files(emulator, [new_file(user.pk) for _ in range(8)])
    before_call(pages, lambda: emulator.faults.add(fault))
    outcome = run_command("--fix", "--json")
    assert outcome.code == 2
    assert outcome.text == ""
    assert "Could not finish" in outcome.error
    assert not PendingDeletion.objects.exists()
    assert not Image.objects.exclude(missing_since=None).exists()
    user.refresh_from_db()
    assert user.item_count == 9


def test_rate_limit__is_waited_for(images, emulator, reconcile, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr("images.imagekit.listing.time.sleep", waits.append)
    drop_files(emulator, [file_id(images[0])])
    headers = {"X-RateLimit-Reset": "3000"}
    for operation in ("list", "details"):
        # The SDK tries again once on its own.
        fault = Fault(operation, "status", status=429, headers=headers, next=4)
        emulator.faults.add(fault)
    assert reconcile().counts == {"missing": 1}
    assert [wait for wait in waits if wait == 3] == [3] * 4
