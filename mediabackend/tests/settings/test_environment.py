"""Empty variables, and values that stand in files."""

import re
import runpy
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from mediabackend.settings.environment import Variables, env
from mediabackend.tests.settings.test_secrets import PRODUCTION, ROOT, python

NAMES = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)
OF_GUNICORN = ("HOST", "PORT", "WEB_CONCURRENCY")
SHOW = """
from mediabackend import settings
for name, value in sorted(vars(settings).items()):
    if name.isupper():
        print(name, repr(value))
"""
# A value of its own for each variable whose example is no value.
OTHERS = PRODUCTION | {
    "DEBUG": "false",
    "JWT_SECRET_KEY": "one-key-0123456789-abcdefghijklm,another-0123456789-abcdefghij",
    "IMAGEKIT_API_URL": "https://api.example.com",
    "IMAGEKIT_WEBHOOK_SECRET": "whsec_0123456789",
    "KEEP_METADATA": "c2pa",
    "ALLOWED_HOSTS": "media.example.com",
}


def settings_with(**variables: str) -> dict[str, str]:
    """Return all settings in a process with these variables, as text."""
    done = python("-c", SHOW, **variables)
    assert done.returncode == 0, done.stderr
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


@pytest.fixture
def folder_of_secrets(tmp_path: Path) -> dict[str, str]:
    """Write a file for each variable; return the variables that name the files."""
    example = dict(
        re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M)
    )
    named = {}
    for name, value in (example | OTHERS).items():
        (tmp_path / name).write_text(f"{value}\n")
        named[f"{name}_FILE"] = str(tmp_path / name)
    return named


def test_empty_variable__is_as_good_as_none():
    laptop = {"DEBUG": "true", "SECRET_KEY": "x" * 50}
    empty = dict.fromkeys([name for name in NAMES if name not in laptop], "")
    without, with_empty = settings_with(**laptop), settings_with(**empty, **laptop)
    differences = {n for n in without if with_empty[n] != without[n]}
    assert differences == {"THROTTLE_RATES"}
    assert set(re.findall(r": (\w+)", with_empty["THROTTLE_RATES"])) == {"None"}


def test_empty_variable__of_gunicorn_is_as_good_as_none(monkeypatch):
    for name in (*OF_GUNICORN, "TRUSTED_PROXIES"):
        monkeypatch.setenv(name, "")
    configuration = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert configuration["bind"] == "127.0.0.1:8000"
    assert configuration["workers"] == 2
    assert configuration["forwarded_allow_ips"] == "127.0.0.1,::1"


def test_every_variable__may_stand_in_a_file(folder_of_secrets):
    values = {
        name.removesuffix("_FILE"): Path(path).read_text().rstrip("\n")
        for name, path in folder_of_secrets.items()
    }
    assert values.keys() == set(NAMES)
    directly = settings_with(**values)
    assert directly["SECRET_KEY"] == repr(PRODUCTION["SECRET_KEY"])
    assert settings_with(DEBUG="", **folder_of_secrets) == directly


def test_empty_name_of_a_file__is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("SITE_NAME_FILE", "")
    monkeypatch.setenv("SITE_NAME", "Pictures")
    assert env.str("SITE_NAME", default="") == "Pictures"


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "THROTTLE_LOGIN"])
def test_variable_and_file__are_refused_together(name, monkeypatch, tmp_path):
    monkeypatch.setenv(name, "value")
    monkeypatch.setenv(f"{name}_FILE", str(tmp_path))
    with pytest.raises(ImproperlyConfigured, match=f"Both {name} and {name}_FILE"):
        Variables()[name]


def test_missing_file__is_named_with_its_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "gone"))
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE: .*gone"):
        env.str("SECRET_KEY")


@pytest.mark.parametrize("value", ["$HOME", r"a\$b$", "$", "p$w#d e"])
def test_value__is_taken_literally(value, monkeypatch):
    monkeypatch.setenv("SITE_NAME", value)
    assert env.str("SITE_NAME", default="") == value
