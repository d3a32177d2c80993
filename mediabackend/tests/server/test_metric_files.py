"""The numbers of gunicorn's workers, and their folder; e2e/test_metrics.py runs it."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from mediabackend.server import metric_files


@pytest.fixture
def server(monkeypatch, tmp_path):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return SimpleNamespace(WORKERS={})


def start(server, pid: int) -> int:
    worker = SimpleNamespace(pid=pid)
    metric_files.number_worker(server, worker)
    server.WORKERS[pid] = worker
    return worker.metrics_number


def test_numbers__are_used_again_when_their_worker_has_ended(server):
    assert [start(server, pid) for pid in (101, 102, 103)] == [0, 1, 2]
    del server.WORKERS[102]
    assert [start(server, pid) for pid in (104, 105)] == [1, 3]


def test_folder__is_made_and_removed(server, tmp_path):
    metric_files.make_folder(server)
    folder = Path(server.metrics_folder)
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0
    metric_files.remove_folder(server)
    assert not folder.exists()


def test_folder__of_the_environment_is_used_and_kept(server, monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    metric_files.make_folder(server)
    assert server.metrics_folder == str(tmp_path)
    metric_files.remove_folder(server)
    assert tmp_path.exists()


def test_folder__is_not_handed_to_a_successor_of_gunicorn(server):
    """Which would use it until this one removes it."""
    metric_files.make_folder(server)
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
