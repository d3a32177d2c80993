"""Several threads and processes that use one account."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from imagekit_emulator.app import Emulator
from imagekit_emulator.config import EmulatorConfig
from imagekit_emulator.database import Database
from imagekit_emulator.tests.conftest import make_sdk
from imagekit_emulator.tests.pictures import make_image

THREADS = 8


def put(sdk, name, **fields):
    return sdk.files.upload(
        file=(name, io.BytesIO(make_image())),
        file_name=name,
        use_unique_file_name=False,
        **fields,
    )


@pytest.mark.parametrize("way", ["in-process", "http"])
def test_uploads__of_one_path_become_versions(sdk, request, way):
    if way == "http":
        sdk = make_sdk(request.getfixturevalue("live_url"))
    with sdk, ThreadPoolExecutor(THREADS) as pool:
        stored = list(pool.map(lambda _: put(sdk, "a.jpg"), range(24)))
        versions = sdk.files.versions.list(stored[0].file_id)
        files = sdk.assets.list()

    assert len({one.file_id for one in stored}) == 1
    assert len(files) == 1
    numbers = sorted(int(v.version_info.name.split()[1]) for v in versions)
    assert numbers == list(range(1, 25))


def test_uploads__of_many_paths_are_all_there(sdk, app):
    with ThreadPoolExecutor(THREADS) as pool:
        names = [f"{n}.jpg" for n in range(40)]
        list(pool.map(lambda name: put(sdk, name, folder="/x/y"), names))

    assert sorted(row.name for row in sdk.assets.list()) == sorted(names)
    assert len(sdk.assets.list(type="folder")) == 2
    assert app.requests.counts()["upload"] == 40


def test_create_only__succeeds_once(sdk):
    def attempt(_):
        try:
            put(sdk, "a.jpg", overwrite_file=False)
        except Exception as error:
            return error.status_code
        return 200

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = sorted(pool.map(attempt, range(16)))

    assert outcomes == [200] + [400] * 15


def test_faults__for_the_next_meet_exactly_so_many(api, app):
    from imagekit_emulator.faults import Fault

    app.faults.add(Fault("list", "status", next=5))

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = list(pool.map(lambda _: api.get("/v1/files").status_code, range(30)))

    assert statuses.count(500) == 5


def test_processes__start_at_once_and_share_the_account(tmp_path):
    program = """
import sys
from pathlib import Path
from imagekit_emulator.app import Emulator
from imagekit_emulator.config import EmulatorConfig
app = Emulator(EmulatorConfig(Path(sys.argv[1]), "private_x", "public_x"))
for _ in range(20):
    app.requests.add("list", "GET", "/", status=200, ids=0)
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait(timeout=30) for process in processes] == [0] * 4

    app = Emulator(EmulatorConfig(tmp_path, "private_x", "public_x"))
    assert app.requests.counts() == {"list": 80}
    app.close()


def test_connections__are_not_shared_after_a_fork(tmp_path, monkeypatch):
    database = Database(tmp_path / "index.sqlite3")
    with database.read() as before:
        pass

    monkeypatch.setattr("imagekit_emulator.database.os.getpid", lambda: -1)
    with database.read() as after:
        assert after is not before
    before.close()
    database.close()


def test_transaction__is_undone_by_an_error(tmp_path):
    database = Database(tmp_path / "index.sqlite3")

    def fail_halfway():
        with database.write() as connection:
            connection.execute("INSERT INTO used_tokens VALUES ('a')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()

    with database.read() as connection:
        assert not connection.execute("SELECT * FROM used_tokens").fetchall()
    database.close()
