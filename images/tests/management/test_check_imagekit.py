"""Each check of the account, against an account that fails it."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.utils import timezone

from imagekit_emulator.faults import Fault
from imagekit_emulator.transport import get_app
from images.management.account_checks import account as account_module
from images.management.commands.check_imagekit import OTHERS
from images.models import WebhookMessage
from images.tests.management.running import run_command


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings):
    """Send small files, and do not wait for lists that never change."""
    settings.UPLOAD_MAX_BYTES = 100_000
    module = "images.management.account_checks"
    monkeypatch.setattr(f"{module}.account._PATIENCE", -1)
    monkeypatch.setattr(f"{module}.account.time.sleep", lambda seconds: None)
    monkeypatch.setattr(f"{module}.delivery._FRAMES", 3)
    monkeypatch.setattr(f"{module}.delivery._SIDE", 100)


@pytest.fixture
def with_traits(settings) -> Callable[..., None]:
    def change(*traits: str) -> None:
        settings.IMAGEKIT_EMULATOR = {**settings.IMAGEKIT_EMULATOR, "TRAITS": traits}

    return change


@pytest.fixture
def sign_all(settings):
    settings.IMAGEKIT_SIGN = "all"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            **settings.STORAGES["default"],
            "OPTIONS": {**settings.STORAGES["default"]["OPTIONS"], "signed": True},
        },
    }


def remains() -> list[str]:
    """Return the files that are stored, and the folders of checks."""
    with get_app().services.database.read() as connection:
        rows = connection.execute("SELECT kind, folder, name FROM assets").fetchall()
    return [
        row["name"]
        for row in rows
        if row["kind"] == "file" or row["name"].startswith("check-")
    ]


def test_check__of_a_good_account_prints_all_results_and_leaves_nothing():
    run = run_command()
    assert run.error == ""
    assert run.having("ok") == {"upload", *OTHERS}
    assert run.text.splitlines()[-1] == "ImageKit works."
    assert remains() == []


TRAITS = {
    "restrict_unsigned": ({"unsigned URLs", "public URL"}, "Set IMAGEKIT_SIGN=all"),
    "restrict_unnamed": (
        {"original", "transformations", "direct upload", "animation"},
        '"restrict unnamed transformations"',
    ),
    "refuse_expiry": ({"expiring URLs"}, "a signed URL that expires"),
    "ignore_private": ({"private file", "expiring URLs"}, "would be public"),
    "ignore_checks": ({"upload checks"}, "ignores the checks"),
    "flatten_animations": ({"animation"}, "keeps 1 of 3 frames"),
    "keep_deleted": ({"delete", "bulk delete"}, "still has it"),
    "no_search_by_id": ({"search by id"}, "refuses the search id IN"),
    "no_search_below_path": ({"search below folder"}, "refuses the search path :"),
    "no_search_groups": ({"search groups"}, "refuses the search (name"),
}


@pytest.mark.parametrize("trait", TRAITS)
def test_check__finds_a_trait_of_the_account_and_leaves_nothing(with_traits, trait):
    with_traits(trait)
    names, said = TRAITS[trait]
    run = run_command()
    failed = run.having("FAILED")
    assert failed
    assert failed <= names
    assert any(said in run.results[name][1] for name in failed)
    assert f"{len(failed)} failed" in run.error
    assert remains() == []


def test_check__reports_the_order_of_names(with_traits):
    with_traits("fold_names")
    run = run_command()
    assert run.results["order of names"] == (
        "ok",
        "names are sorted without regard to case",
    )


FAULTS = {
    "purges": (Fault("purge", "status", status=403, every=1), "purge", "refuses to"),
    "empty lists": (
        Fault("list", "status", status=200, body=[], every=1),
        "look-up",
        "do not show",
    ),
    "a bulk deletion that names no files": (
        Fault("bulk_delete", "status", status=200, body={}, every=1),
        "bulk delete",
        "not documented",
    ),
    "a limit of fewer ids": (
        Fault("bulk_delete", "status", status=400, every=1),
        "bulk delete",
        "50 ids",
    ),
    "a deletion that fails": (
        Fault("delete", "status", status=403, every=1),
        "delete",
        "403",
    ),
}


@pytest.mark.parametrize(("fault", "name", "said"), FAULTS.values(), ids=FAULTS)
def test_check__finds_a_fault_and_leaves_nothing(emulator, fault, name, said):
    emulator.faults.add(fault)
    run = run_command()
    result, text = run.results[name]
    assert (result, said in text) == ("FAILED", True), run.text
    assert remains() == []


def test_check__of_a_bulk_deletion_of_50_ids(monkeypatch):
    monkeypatch.setattr("imagekit_emulator.files_api.MAX_BULK_DELETE", 50)
    assert run_command().results["bulk delete"] == (
        "ok",
        "up to 50 files are deleted in one call",
    )


@pytest.mark.parametrize("operation", ["upload", "details"])
def test_check__that_others_need_ends_the_run(emulator, operation):
    emulator.faults.add(Fault(operation, "status", status=403, next=1))
    run = run_command()
    assert list(run.results) == ["upload"]
    assert "1 failed" in run.error
    assert remains() == []


def test_check__says_what_it_could_not_delete(emulator):
    emulator.faults.add(Fault("folders", "status", status=403, every=1))
    run = run_command()
    assert "Could not delete the folder /media/check-" in run.text
    assert run.error


def test_check__of_lists_that_lag_is_a_warning(emulator, monkeypatch):
    clock = iter(range(0, 10_000, 5))
    monkeypatch.setattr(account_module, "_PATIENCE", 30)
    # Only this module's: the client and the metrics have the real time.
    time = SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda seconds: None)
    monkeypatch.setattr(account_module, "time", time)
    emulator.faults.add(Fault("list", "status", status=200, body=[], next=2))
    run = run_command()
    assert run.results["look-up"][0] == "warning"
    assert run.error == ""


def test_check__of_frames_that_count_is_a_warning(monkeypatch):
    monkeypatch.setattr("imagekit_emulator.rendering.MAX_INPUT_PIXELS", 20_000)
    run = run_command()
    assert run.having("warning") == {"frames"}
    assert "frames count" in run.results["frames"][1]


def test_check__of_an_upload_limit_below_ours(settings, monkeypatch):
    monkeypatch.setattr("imagekit_emulator.upload_form.MAX_FILE_BYTES", 99_999)
    run = run_command()
    assert run.having("FAILED") == {"upload limit"}
    assert "UPLOAD_MAX_BYTES" in run.results["upload limit"][1]


def test_check__of_an_account_that_restricts_unsigned_urls(with_traits, sign_all):
    with_traits("restrict_unsigned")
    run = run_command()
    assert run.having("ok") == {"upload", *OTHERS}
    assert "needs a signature" in run.results["named transformation"][1]


def test_check__of_signed_urls_that_the_account_does_not_need(sign_all):
    run = run_command()
    assert run.having("warning") == {"unsigned URLs", "named transformation"}
    assert run.error == ""


@pytest.mark.parametrize(
    ("transformation", "complaint"),
    [
        ("rt-auto,md-true", "does not remove the metadata"),
        ("rt-90,q-90", "does not apply the orientation"),
    ],
    ids=["metadata", "orientation"],
)
def test_check__of_a_direct_upload_that_is_stored_as_it_is(
    monkeypatch, transformation, complaint
):
    monkeypatch.setattr(
        "images.imagekit.direct_upload.PRE_TRANSFORMATION", transformation
    )
    run = run_command()
    assert complaint in run.results["direct upload"][1]
    assert remains() == []


def test_check__of_a_secret_that_is_none(settings):
    settings.IMAGEKIT_WEBHOOK_SECRET = "abc"
    assert run_command().having("FAILED") == {"webhook"}


@pytest.mark.django_db
@pytest.mark.parametrize("arrives", [True, False])
def test_check__of_webhook_messages(settings, arrives):
    settings.IMAGEKIT_WEBHOOK_SECRET = "whsec_abc"
    at = timezone.now().replace(year=9000 if arrives else 2000)
    WebhookMessage.objects.create(pk="msg_1", received_at=at)
    result, text = run_command().results["webhook"]
    assert result == ("ok" if arrives else "warning")
    assert arrives or "standardwebhooks" in text
