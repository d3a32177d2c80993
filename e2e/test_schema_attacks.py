"""Generated requests by the OpenAPI document: no 500, no undocumented answers."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.api_client import Member
from e2e.servers import Server

pytestmark = [pytest.mark.e2e, pytest.mark.any_database]

# Each answer must have a documented status, type and schema, and no 5xx.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
# Paths that end the sign-in, which the other requests need.
ENDS_SIGN_IN = r"logout|sessions|password|users/me/$"


def attack(server: Server, folder: Path, *arguments: str) -> None:
    """Run schemathesis, with a fixed seed and a bounded number of requests."""
    program = Path(sys.executable).parent / "schemathesis"
    command = [str(program), "run", f"{server.url}/api/schema/?format=json"]
    command += ["--checks", ",".join(CHECKS), "--seed", "1", "--max-examples", "10"]
    command += ["--phases", "coverage,fuzzing", "--no-color", "--workers", "1"]
    done = subprocess.run(
        [*command, *arguments], cwd=folder, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout[-12_000:]


@pytest.mark.deep
def test_attack__with_a_token(
    gunicorn: Server, make_member: Callable[..., Member], tmp_path: Path
):
    token = make_member(gunicorn).http.headers["Authorization"]
    header = ("-H", f"Authorization: {token}")
    attack(gunicorn, tmp_path, *header, "--exclude-path-regex", ENDS_SIGN_IN)


@pytest.mark.deep
def test_attack__without_a_token(gunicorn: Server, tmp_path: Path):
    attack(gunicorn, tmp_path)


@pytest.mark.deep
def test_attack__on_what_ends_a_sign_in(
    gunicorn: Server, make_member: Callable[..., Member], tmp_path: Path
):
    token = make_member(gunicorn).http.headers["Authorization"]
    header = ("-H", f"Authorization: {token}")
    attack(gunicorn, tmp_path, *header, "--include-path-regex", ENDS_SIGN_IN)
