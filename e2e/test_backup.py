"""The commands under "Backup and restore" in docs/operations.md, run as they stand."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from e2e.api_client import Member
from e2e.cluster import Site, running_site
from scripts.postgres import find_binaries, unprivileged_user
from scripts.processes import free_port
from scripts.waiting import wait_for

pytestmark = [pytest.mark.e2e, pytest.mark.deep]
IMAGES = "SELECT caption, missing_since IS NULL FROM images_image ORDER BY caption"


@pytest.fixture
def site(code: Path, tmp_path: Path) -> Iterator[Site]:
    with running_site(code, tmp_path) as site:
        yield site


@pytest.fixture
def backup(site: Site) -> Path:
    """Return a folder that PostgreSQL's user can write to."""
    folder = site.postgres.folder / "backup"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def environ(site: Site, backup: Path) -> dict[str, str]:
    programs = (Path(sys.executable).parent, find_binaries(), os.environ["PATH"])
    path = os.pathsep.join(str(part) for part in programs)
    return {**site.environ, "BACKUP": str(backup), "PATH": path}


def commands(code: Path) -> list[str]:
    """Return the blocks of commands, in their order."""
    text = (code / "docs" / "operations.md").read_text()
    section = re.split(r"^## ", text.split("## Backup and restore\n")[1], flags=re.M)[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def run(command: str, cwd: Path, environ: Mapping[str, str], user=None) -> str:
    """Run commands; each must succeed. Return what they print."""
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=cwd,
        env=environ,
        user=user,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def rows(url: str, query: str) -> list[tuple]:
    server = urlsplit(url)._replace(scheme="postgresql").geturl()
    with psycopg.connect(server) as connection:
        return connection.execute(query).fetchall()


def test_dump__is_restored_and_compared_with_imagekit(
    site: Site, make_member, environ: dict[str, str]
):
    dump, restore, *_ = commands(site.code)
    member: Member = make_member(site)
    deleted = member.upload(caption="deleted later")
    member.upload(caption="kept")
    run(dump, site.code, environ)
    member.upload(caption="uploaded later")
    member.http.delete(f"/api/v1/images/{deleted['id']}/").raise_for_status()
    wait_for(lambda: len(site.files_of(member)) == 2)

    printed = run(restore, site.code, environ)
    repaired = "orphans scheduled for deletion: 1, images marked as missing: 1."
    assert printed.splitlines()[-1] == f"Repaired: {repaired}"
    restored = urlsplit(site.postgres.url)._replace(path="/restored")
    assert rows(restored.geturl(), IMAGES) == [("deleted later", False), ("kept", True)]
    pending = "SELECT count(*) FROM images_pendingdeletion"
    assert rows(restored.geturl(), pending) == [(1,)]


def test_point_in_time__is_gone_back_to(
    site: Site, make_member, backup: Path, environ: dict[str, str]
):
    _, _, archive, base, go_back = commands(site.code)
    user, folder = unprivileged_user(), backup
    member: Member = make_member(site)
    run(archive, folder, environ, user)
    site.postgres.stop()
    site.postgres.start()
    run(base, folder, environ, user)
    member.upload(caption="after the copy")
    url = site.postgres.url
    ((when,),) = rows(url, "SELECT now()")
    member.upload(caption="too late")

    port = str(free_port())
    # The first server has these in its command, so they are not in the copy.
    own = f"unix_socket_directories = '{folder}'\nmax_connections = 200"
    go_back = go_back.replace("archive_mode = off", f"archive_mode = off\n{own}")
    environ |= {"WHEN": when.isoformat(), "PORT": port}
    run(go_back, folder, environ, user)
    try:
        parts = urlsplit(url)
        new = parts._replace(netloc=f"postgres@127.0.0.1:{port}").geturl()
        wait_for(lambda: rows(new, "SELECT pg_is_in_recovery()") == [(False,)])
        assert rows(new, IMAGES) == [("after the copy", True)]
    finally:
        stop = 'pg_ctl --pgdata="$BACKUP/restored" --mode=immediate stop'
        run(stop, folder, environ, user)
