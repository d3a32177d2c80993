"""Fixtures of the tests of `reconcile_files`."""

import json
from collections.abc import Callable
from io import StringIO
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from images.imagekit.files import ImageKitFiles
from images.imagekit.names import StoredName
from images.models import Image
from images.outbox.models import PendingDeletion
from images.tests.reconciliation.library import (
    Placed,
    add_files,
    add_images,
    drop_files,
    new_file,
)


class CommandResult(NamedTuple):
    """The result of the command: exit code, output, and the output as JSON."""

    code: int
    text: str
    error: str
    report: dict[str, Any]

    def count(self, kind: str) -> int:
        return self.report["findings"][kind]["count"]

    def examples(self, kind: str) -> list[dict[str, Any]]:
        return self.report["findings"][kind]["examples"]

    @property
    def counts(self) -> dict[str, int]:
        """The number of findings by kind, without kinds that have none."""
        found = {kind: self.count(kind) for kind in self.report["findings"]}
        return {kind: count for kind, count in found.items() if count}


def run_command(*arguments: str) -> CommandResult:
    """Run the command as the shell would, by default without an age limit."""
    if not any(one.startswith("--older-than") for one in arguments):
        arguments = ("--older-than=0s", *arguments)
    out, code, error = StringIO(), 0, ""
    try:
        call_command("reconcile_files", *arguments, stdout=out, stderr=StringIO())
    except CommandError as failure:
        code, error = failure.returncode, str(failure)
    except SystemExit as exit_:
        code = exit_.code
    text = out.getvalue()
    report = json.loads(text) if text.startswith("{") else {}
    return CommandResult(code, text, error, report)


@pytest.fixture
def reconcile() -> Callable[..., CommandResult]:
    """Run the command; `--json` is given."""
    return lambda *arguments: run_command("--json", *arguments)


@pytest.fixture
def images(emulator, user) -> list[Image]:
    """Return five images whose rows and files agree."""
    add_images(emulator, [user], 5)
    return list(Image.objects.order_by("pk"))


@pytest.fixture
def orphan(emulator, user) -> Placed:
    """Return a file, in the user's folder, that no row names."""
    file = new_file(user.pk)
    add_files(emulator, [file])
    return file


@pytest.fixture
def before_call(monkeypatch) -> Callable[..., None]:
    """Do something before the n-th call (from 0) of a method."""

    def hook(number: int, action: Callable[[], None], method: str = "search") -> None:
        original = getattr(ImageKitFiles, method)
        calls = iter(range(10**6))

        def hooked(self, *args, **kwargs):
            if next(calls) == number:
                action()
            return original(self, *args, **kwargs)

        monkeypatch.setattr(ImageKitFiles, method, hooked)

    return hook


@pytest.fixture
def small_pages(monkeypatch) -> None:
    monkeypatch.setattr("images.imagekit.listing._PAGE", 5)
    monkeypatch.setattr("images.imagekit.listing._OVERLAP", 1)


def state() -> tuple[list, list, list]:
    """Return everything that the command may change."""
    return (
        list(Image.objects.order_by("pk").values()),
        list(User.objects.order_by("pk").values("pk", "item_count", "stored_bytes")),
        list(PendingDeletion.objects.order_by("pk").values()),
    )


@pytest.fixture
def everything_wrong(images, orphan, emulator, user):
    """Make one finding of each kind."""
    drop_files(emulator, [file_id(images[0])])
    Image.objects.filter(pk=images[1].pk).update(missing_since=timezone.now())
    Image.objects.filter(pk=images[2].pk).update(size=1)
    User.objects.filter(pk=user.pk).update(item_count=99)
    path, old = StoredName.parse(images[3].file.name)
    drop_files(emulator, [old])
    add_files(emulator, [new_file("x")._replace(path=path)])


def file_id(image: Image) -> str:
    return StoredName.parse(str(image.file.name)).file_id
