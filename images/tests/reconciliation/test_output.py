"""The output of the command, and a dry run that changes nothing."""

import pytest

from images.tests.reconciliation.conftest import run_command, state
from images.tests.reconciliation.library import add_files, new_file, remote_ids

pytestmark = pytest.mark.django_db


def test_dry_run__changes_nothing(everything_wrong, reconcile, emulator):
    before, remote = state(), remote_ids(emulator)
    result = reconcile()
    assert result.code == 1
    assert set(result.counts.values()) == {1}
    assert len(result.counts) == 6
    assert (state(), remote_ids(emulator)) == (before, remote)
    run_command()
    assert (state(), remote_ids(emulator)) == (before, remote)
    changes = {"upload", "delete", "bulk_delete", "purge", "update"}
    assert not changes & set(emulator.requests.counts())


def test_plain_output(everything_wrong, orphan):
    lines = run_command().text.splitlines()
    assert lines[0].startswith("5 files in /media/ and 5 images compared")
    assert any(line.split()[:2] == ["orphans", "1"] for line in lines)
    assert any(orphan.path in line for line in lines)
    assert lines[-1] == (
        "Dry run. To repair: orphans scheduled for deletion: 1, images marked as "
        "missing: 1, marks removed: 1, counts corrected: 1."
    )
    result = run_command("--fix")
    assert result.text.splitlines()[-1].startswith("Repaired: orphans scheduled")
    assert result.code == 1, "size and displaced file remain"


def test_plain_output__shows_twenty_of_many(images, emulator, user, reconcile):
    add_files(emulator, [new_file(user.pk) for _ in range(120)])
    text = run_command().text
    assert text.count("file_id=") == 20
    assert "... and 100 more" in text
    assert len(reconcile().examples("orphans")) == 100


def test_json(everything_wrong, reconcile):
    result = reconcile("--max-share=7%", "--older-than=0s")
    assert result.text.count("\n") == 1
    seconds = result.report.pop("seconds")
    assert set(seconds) == {"walk", "confirm", "counts"}
    findings = result.report.pop("findings")
    assert list(findings) == [
        "orphans",
        "missing",
        "found_again",
        "sizes",
        "displaced",
        "counts",
    ]
    for finding in findings.values():
        assert set(finding) == {"count", "fixed", "refused", "examples"}
    assert result.report == {
        "exit_code": 1,
        "dry_run": True,
        "folder": "/media/",
        "older_than_seconds": 0.0,
        "max_share": 0.07,
        "forced": False,
        "remote_files": 5,
        "rows": 5,
        "marked_missing_before": 0,
        "rows_not_looked_up": 0,
    }
