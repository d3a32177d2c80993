"""The bare handler, beside the project on one PostgreSQL database."""

import json

import httpx
import psycopg
import pytest
from psycopg.rows import dict_row

from benchmarks.pictures import UploadBody, photo
from benchmarks.servers import (
    project_environ,
    running_bare,
    running_project,
    running_standin,
)
from benchmarks.sites import PASSWORD, PROJECT
from scripts.postgres import throwaway_postgres

# They are new for each image.
_OWN = {"id", "file", "created_at", "updated_at"}


@pytest.mark.deep
def test_upload__writes_the_rows_that_the_project_writes(tmp_path):
    body = UploadBody(photo(640, 480, 20_000)).fresh()
    with throwaway_postgres() as database, running_standin(tmp_path) as standin:
        environ = project_environ(tmp_path, database, standin.url)
        with (
            running_project(tmp_path, environ) as project,
            running_bare(tmp_path, environ) as bare,
        ):
            rows = []
            for number, server in enumerate((project, bare)):
                headers = joined(project.url, f"member{number}@example.com")
                answer = httpx.post(
                    f"{server.url}{PROJECT.images}",
                    content=body,
                    headers={"Content-Type": UploadBody.content_type, **headers},
                )
                assert answer.is_success, answer.text
                rows.append(rows_of(database, answer.json()["id"]))
            profile = httpx.get(f"{bare.url}{PROJECT.profile}", headers=headers)
    assert rows[0] == rows[1]
    assert profile.json()["item_count"] == 1


def joined(url: str, email: str) -> dict[str, str]:
    """Sign up and in; return the headers with the token."""
    account = {"email": email, "password": PASSWORD}
    httpx.post(f"{url}{PROJECT.sign_up}", json=account).raise_for_status()
    form = {"username": email, "password": PASSWORD}
    token = httpx.post(f"{url}{PROJECT.sign_in}", data=form).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def rows_of(database: str, key: str) -> str:
    """Return the image, its owner's totals and all reservations, as JSON."""
    with psycopg.connect(database, row_factory=dict_row) as connection:
        image = connection.execute("SELECT * FROM images_image WHERE id = %s", (key,))
        row = image.fetchone()
        assert row is not None
        assert "~" in row["file"]
        owner = row.pop("owner_id")
        totals = connection.execute(
            "SELECT item_count, stored_bytes, content_version FROM accounts_user"
            " WHERE id = %s",
            (owner,),
        ).fetchone()
        left = connection.execute("SELECT name FROM images_pendingdeletion").fetchall()
    kept = {name: value for name, value in row.items() if name not in _OWN}
    return json.dumps([kept, totals, left], default=str, indent=1)
