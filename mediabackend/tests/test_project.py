"""Tests of the project as a whole."""

import os
import re
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from mediabackend import __version__
from scripts.write_env import write_env

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.django_db
def test_migrations__are_complete():
    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO())


def test_openapi__validates_without_a_warning(tmp_path):
    call_command(
        "spectacular", "--validate", "--fail-on-warn", file=str(tmp_path / "api.yml")
    )


def routes(patterns, prefix="") -> set[str]:
    found = set()
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            found.add(path)
    return found


def test_routes__of_the_api_are_these():
    """If this list changes, clients must change."""
    api = {r for r in routes(get_resolver().url_patterns) if r.startswith("api/")}
    assert api == {
        "api/v1/",
        "api/v1/auth/signup/",
        "api/v1/auth/token/",
        "api/v1/auth/token/refresh/",
        "api/v1/auth/token/verify/",
        "api/v1/auth/login/",
        "api/v1/auth/logout/",
        "api/v1/auth/logout/all/",
        "api/v1/users/me/export/",
        "api/v1/uploads/",
        "api/v1/uploads/<str:pk>/complete/",
        "api/v1/auth/password/change/",
        "api/v1/auth/password/reset/",
        "api/v1/auth/password/reset/confirm/",
        "api/v1/auth/email/verify/",
        "api/v1/auth/email/resend/",
        "api/v1/auth/email/change/",
        "api/v1/auth/email/change/confirm/",
        "api/v1/users/me/sessions/",
        "api/v1/users/me/sessions/<str:pk>/",
        "api/v1/users/me/",
        "api/v1/uploads/limits/",
        "api/v1/images/<str:pk>/report/",
        "api/v1/users/<str:id>/images/",
        "api/v1/feed/",
        "api/v1/deletions/<str:pk>/",
        "api/v1/^images/$",
        "api/v1/^images/bulk-delete/$",
        "api/v1/^images/(?P<pk>[^/]+)/$",
        "api/schema/",
    }


def start(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Import the settings in a new process that finds no .env."""
    shutil.copytree(ROOT / "mediabackend", tmp_path / "mediabackend")
    return subprocess.run(
        [sys.executable, "-c", "import mediabackend.settings"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **env},
        capture_output=True,
        text=True,
    )


SECRET = "Zq3-xv_81LmPpR7sKd0aWcYt5uHnBf2gJe6oViXrTzMy4kSQhN9w"
KEYS = {
    "IMAGEKIT_PRIVATE_KEY": "private_x",
    "IMAGEKIT_PUBLIC_KEY": "public_x",
    "IMAGEKIT_URL_ENDPOINT": "https://ik.imagekit.io/demo",
}


def test_settings__start_in_production_with_secret_and_keys(tmp_path):
    done = start(tmp_path, SECRET_KEY=SECRET, **KEYS)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", *KEYS])
def test_settings__refuse_to_start_in_production_without(tmp_path, missing):
    env = {"SECRET_KEY": SECRET, **KEYS}
    del env[missing]
    done = start(tmp_path, **env)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert missing in done.stderr


@pytest.mark.parametrize("days", ["0", "36501"])
def test_settings__refuse_a_quarantine_without_an_end(tmp_path, days):
    done = start(tmp_path, SECRET_KEY=SECRET, **KEYS, QUARANTINE_DAYS=days)
    assert "QUARANTINE_DAYS 1 to 36500" in done.stderr


@pytest.mark.parametrize(("value", "code"), [("invited", 1), ("", 0), ("closed", 0)])
def test_settings__refuse_an_unknown_signup(tmp_path, value, code):
    done = start(tmp_path, SECRET_KEY=SECRET, **KEYS, SIGNUP=value)
    assert done.returncode == code
    assert bool(code) == ("SIGNUP must be 'open', 'invite' or 'closed'" in done.stderr)


def test_settings__use_the_emulator_with_debug_only(tmp_path):
    done = start(tmp_path, SECRET_KEY="x" * 50, DEBUG="true")
    assert done.returncode == 0, done.stderr


def variables_of(path: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / path).read_text(), re.M))


def test_configuration__is_documented_whole():
    pattern = r'(?:env\.\w+|read_networks)\(\s*"(\w+)"'
    read = set()
    for module in (ROOT / "mediabackend/settings").glob("*.py"):
        read |= variables_of(f"mediabackend/settings/{module.name}", pattern)
    read |= variables_of("gunicorn.conf.py", r"environ\.get\(['\"](\w+)")
    table = variables_of("docs/configuration.md", r"^\| (`[^|]+`) \|")
    documented = set(re.findall(r"`(\w+)`", " ".join(table)))
    assert read == documented
    assert read == variables_of(".env.example", r"^#?([A-Z_]+)=")


def test_version__is_the_same_in_all_files(settings):
    assert settings.SPECTACULAR_SETTINGS["VERSION"] == __version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    released = re.findall(
        r"^## (?:Unreleased$|([\d.]+) \(\d{4}-\d\d-\d\d\)$)",
        (ROOT / "CHANGELOG.md").read_text(),
        re.M,
    )
    # Changes after the release stand above it.
    assert next(filter(None, released)) == __version__
    assert variables_of("docs/openapi.yaml", r"^  version: (.+)$") == {__version__}
    assert variables_of("Dockerfile", r"^ARG VERSION=(.+)$") == {__version__}
    major = __version__.partition(".")[0]
    assert f"| {major}." in (ROOT / "SECURITY.md").read_text()


def test_write_env__makes_a_secret_once(tmp_path):
    (tmp_path / ".env.example").write_text((ROOT / ".env.example").read_text())
    assert write_env(tmp_path)
    text = (tmp_path / ".env").read_text()
    secret = re.search(r"^SECRET_KEY=(.+)$", text, re.M)[1]
    assert len(secret) >= 50
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert not write_env(tmp_path)
    assert (tmp_path / ".env").read_text() == text
