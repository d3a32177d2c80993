from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from imagekit_emulator.faults import Fault


def run() -> str:
    out = StringIO()
    call_command("check_imagekit", stdout=out)
    return out.getvalue()


def test_check__prints_each_step_and_leaves_nothing(remote_paths):
    printed = run()
    lines = printed.splitlines()
    steps = [line.split("  ")[0].strip() for line in lines]
    assert steps[:1] + [steps[-1]] == ["upload", "ImageKit works."]
    assert all(" ms " in line for line in lines[:-1])
    assert len(lines) == 7
    assert remote_paths() == set()


@pytest.mark.parametrize("operation", ["upload", "details", "list", "delivery"])
def test_check__fails_with_the_step_and_leaves_nothing(
    emulator, remote_paths, operation
):
    emulator.faults.add(Fault(operation, "status", status=403, next=1))
    with pytest.raises(CommandError, match="failed"):
        run()
    assert remote_paths() == set()


def test_check__fails_when_the_file_cannot_be_deleted(emulator):
    emulator.faults.add(Fault("delete", "status", status=403, every=1))
    with pytest.raises(CommandError, match="delete failed"):
        run()


@pytest.mark.parametrize(
    ("transformation", "complaint"),
    [
        ("rt-auto,md-true", "does not remove the metadata"),
        ("rt-90,q-90", "does not apply the orientation"),
    ],
    ids=["metadata", "orientation"],
)
def test_check__fails_when_a_direct_upload_is_stored_as_it_is(
    monkeypatch, remote_paths, transformation, complaint
):
    monkeypatch.setattr(
        "images.imagekit.upload_tokens.PRE_TRANSFORMATION", transformation
    )
    with pytest.raises(CommandError, match=complaint):
        run()
    assert remote_paths() == set()
