"""The bytes on disk."""

import os
import time

import pytest

from imagekit_emulator.blobs import ABANDONED_SECONDS, BlobStore


@pytest.mark.parametrize("name", ["../index", "", "/etc/passwd", "a" * 31, "A" * 32])
def test_path__only_of_names_of_ours(tmp_path, name):
    with pytest.raises(ValueError, match="not a blob name"):
        BlobStore(tmp_path).path(name)


def test_scratch__leaves_nothing_behind(tmp_path):
    store = BlobStore(tmp_path)

    with store.scratch() as file:
        file.write(b"x")
    with store.scratch() as file:
        file.write(b"y")
        blob = store.keep(file)

    assert not list(store.spool.iterdir())
    assert store.path(blob).read_bytes() == b"y"


def test_start__removes_abandoned_uploads_only(tmp_path):
    store = BlobStore(tmp_path)
    for name, age in (("old", ABANDONED_SECONDS + 60), ("new", 60)):
        (store.spool / name).touch()
        moment = time.time() - age
        os.utime(store.spool / name, (moment, moment))

    BlobStore(tmp_path)

    assert [file.name for file in store.spool.iterdir()] == ["new"]
