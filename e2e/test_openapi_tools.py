"""The OpenAPI document and the tools that read it: linters, generators, Postman."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.api_client import PASSWORD, Member
from e2e.npm import run, run_tool
from e2e.servers import Server

pytestmark = [pytest.mark.e2e, pytest.mark.deep, pytest.mark.any_database]
ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs/openapi.yaml"


def test_spectral__has_no_warning(tools):
    printed = run_tool(
        tools,
        *("spectral", "lint", "--fail-severity=hint", "-r", "spectral.yaml"),
        str(DOCUMENT),
    )
    assert "No results" in printed


def test_redocly__has_no_warning(tools):
    printed = run_tool(
        tools, "redocly", "lint", "--config", "redocly.yaml", str(DOCUMENT)
    )
    assert "Your API description is valid" in printed
    assert "warning" not in printed.lower()


def test_validator__has_no_error(tmp_path):
    validator = Path(sys.executable).parent / "openapi-spec-validator"
    assert ": OK" in run(str(validator), str(DOCUMENT), folder=tmp_path)


def test_typescript__has_types_that_compile(tools):
    printed = run_tool(tools, "openapi-typescript", str(DOCUMENT), "-o", "generated.ts")
    assert "warn" not in printed.lower()
    run_tool(tools, "tsc", "--project", "tsconfig.json")


def test_python__has_a_client_that_compiles(tmp_path):
    uv = str(Path(sys.executable).parent / "uv")
    printed = run(
        *(uv, "tool", "run", "--from", "openapi-python-client==0.29.1"),
        *("openapi-python-client", "generate", "--path", str(DOCUMENT)),
        *("--fail-on-warning", "--meta", "none", "--output-path", "client"),
        folder=tmp_path,
        timeout=300,
    )
    assert "warning" not in printed.lower()
    export = (tmp_path / "client/api/account/account_export.py").read_text()
    assert "File(payload=" in export
    # The errors of the generator's own client.py are left out.
    run(
        *(sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull),
        *("--follow-imports=silent", "client/api", "client/models"),
        folder=tmp_path,
    )


def test_postman__is_imported_and_works(
    tools: Path, gunicorn: Server, make_member: Callable[..., Member]
):
    member = make_member(gunicorn)
    variables = {"baseUrl": gunicorn.url, "email": member.email, "password": PASSWORD}
    given = [f"{name}={value}" for name, value in variables.items()]
    report = tools / "newman.json"
    run_tool(
        tools,
        *("newman", "run", str(ROOT / "docs/postman_collection.json")),
        *("--folder", "Sign in", "--folder", "The caller's profile"),
        *("--folder", "List the caller's images, newest first"),
        *(word for one in given for word in ("--env-var", one)),
        *("--reporters", "json", "--reporter-json-export", str(report)),
    )
    executions = json.loads(report.read_text())["run"]["executions"]
    assert [one["response"]["code"] for one in executions] == [200, 200, 200]
