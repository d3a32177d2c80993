"""The process in production, started as it would be: in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mediabackend.settings.secrets import weak_secrets
from scripts.deploy_env import OPTIONAL, QUESTIONS, variables

ROOT = Path(__file__).resolve().parents[3]
GOOD = "Zq3-xv_81LmPpR7sKd0aWcYt5uHnBf2gJe6oViXrTzMy4kSQhN9w"
PRODUCTION = {
    "SECRET_KEY": GOOD,
    "ALLOWED_HOSTS": "media.example.com",
    # Nothing listens there: the checks of a deployment need no server.
    "DATABASE_URL": "postgres://nobody:x@127.0.0.1:1/none",
    "CACHE_URL": "rediscache://redis:6379/0",
    "SITE_URL": "https://media.example.com",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "noreply@example.com",
    "TASKS_BACKEND": "database",
    "ADMIN_REQUIRE_OTP": "true",
    "IMAGEKIT_PRIVATE_KEY": "private_x",
    "IMAGEKIT_PUBLIC_KEY": "public_x",
    "IMAGEKIT_URL_ENDPOINT": "https://ik.imagekit.io/demo",
    "MODERATION_CONTACT": "moderation@example.com",
    "MODERATION_REDRESS": "You can object within six months, free of charge.",
    "MODERATION_TERMS": "https://example.com/terms",
}
SHOW = """
from mediabackend import settings as s
print(s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,
      s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_PRELOAD, s.SECURE_PROXY_SSL_HEADER)
"""
IMAGEKIT_POLICY = """
from mediabackend import settings as s
policy = s.CONTENT_SECURITY_POLICY["DIRECTIVES"]
print(policy["img-src"], policy["connect-src"])
"""


def python(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project with these variables only; no .env counts."""
    empty = dict.fromkeys(re.findall(r"^#?([A-Z_]+)=", _EXAMPLE, re.M), "")
    # A variable that is set to nothing would not have its default.
    names = _variables_of_dotenv()
    blank = {name: value for name, value in empty.items() if name in names}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **blank, "DEBUG": "false", **env},
        capture_output=True,
        text=True,
    )


_EXAMPLE = (ROOT / ".env.example").read_text()


def _variables_of_dotenv() -> set[str]:
    file = ROOT / ".env"
    text = file.read_text() if file.exists() else ""
    return set(re.findall(r"^([A-Z_]+)=", text, re.M))


def test_check_deploy__has_no_finding():
    done = python("manage.py", "check", "--deploy", "--fail-level=INFO", **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_check_deploy__wants_a_url_for_mails():
    """The process starts without it: only the mails are missing."""
    environ = {**PRODUCTION, "SITE_URL": ""}
    assert python("manage.py", "check", **environ).returncode == 0
    done = python("manage.py", "check", "--deploy", **environ)
    assert done.returncode == 1
    assert "accounts.E001" in done.stderr
    environ |= {"FRONTEND_URL": "https://app.example.com"}
    assert python("manage.py", "check", "--deploy", **environ).returncode == 0


def test_check_deploy__finds_what_a_deployment_has_forgotten():
    careless = {
        "DATABASE_URL": "sqlite:///:memory:",
        "DEFAULT_FROM_EMAIL": "mediabackend@localhost",
        "CACHE_URL": "locmemcache://",
        "METRICS_TOKEN": "guess-me",
    }
    done = python("manage.py", "check", "--deploy", **PRODUCTION | careless)
    assert set(re.findall(r"\((\w+\.[WE]\d+)\)", done.stderr)) == {
        *("mediabackend.W001", "mediabackend.W002", "accounts.W004", "accounts.W006")
    }


def test_check_deploy__lets_one_process_have_a_cache_of_its_own():
    alone = {"CACHE_URL": "locmemcache://", "WEB_CONCURRENCY": "1"}
    done = python("manage.py", "check", "--deploy", **PRODUCTION | alone)
    assert "no issues" in done.stdout


@pytest.mark.parametrize("name", ["SITE_URL", "FRONTEND_URL"])
def test_url__without_a_scheme_is_refused_at_the_start(name):
    done = python("manage.py", "check", **{**PRODUCTION, name: "media.example.com"})
    assert f"{name} must start with https:// or http://." in done.stderr


def test_deploy_env__writes_what_production_needs():
    """With the databases, which compose.yaml or the host has."""
    given = PRODUCTION.keys() & set(OPTIONAL) - {"EMAIL_URL"}
    answers = {name: PRODUCTION[name] for name in given}
    for question in QUESTIONS:
        answers[question.name] = PRODUCTION.get(question.name, "media@example.com")
    answers["MAIL_SERVER"] = "mail.example.com:587"
    environ = variables(answers)
    assert PRODUCTION.keys() <= environ.keys()
    done = python("manage.py", "check", "--deploy", "--fail-level=INFO", **environ)
    assert done.returncode == 0, done.stderr


def test_settings__are_for_https_in_production():
    done = python("-c", SHOW, **PRODUCTION)
    assert done.stdout.split()[:5] == ["True", "True", "True", "31536000", "False"]
    assert "HTTP_X_FORWARDED_PROTO" in done.stdout


def test_settings__let_a_laptop_use_plain_http():
    done = python("-c", SHOW, DEBUG="true", SECRET_KEY="x")
    assert done.stdout.split() == ["False", "False", "False", "0", "False", "None"]


def test_policy__allows_the_hosts_of_imagekit_and_no_other():
    done = python("-c", IMAGEKIT_POLICY, **PRODUCTION)
    assert done.stdout.strip() == (
        "[\"'self'\", 'data:', 'https://ik.imagekit.io'] "
        "[\"'self'\", 'https://upload.imagekit.io']"
    )


def test_policy__allows_another_server_that_speaks_its_api():
    other = {"IMAGEKIT_API_URL": "http://127.0.0.1:9000/api"}
    done = python("-c", IMAGEKIT_POLICY, **PRODUCTION, **other)
    assert "['\\'self\\'', 'http://127.0.0.1:9000']" in done.stdout.replace(
        "\"'self'\"", "'\\'self\\''"
    )


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": GOOD[:49]}, "SECRET_KEY has fewer than 50"),
        ({"SECRET_KEY": "abcd" * 20}, "SECRET_KEY has fewer than 5 different"),
        ({"SECRET_KEY": f"django-insecure-{GOOD}"}, "SECRET_KEY is a known default"),
        ({"SECRET_KEY_FALLBACKS": "short"}, "SECRET_KEY_FALLBACKS, entry 1, has"),
        ({"JWT_SECRET_KEY": GOOD[:31]}, "JWT_SECRET_KEY, entry 1, has fewer"),
        ({"JWT_SECRET_KEY": f"{GOOD},short"}, "JWT_SECRET_KEY, entry 2, has fewer"),
        ({"JWT_SECRET_KEY": "change-me" * 9}, "JWT_SECRET_KEY, entry 1, is a known"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_start__is_refused_with_a_weak_secret(variables, named):
    done = python("-c", "import mediabackend.settings", **PRODUCTION | variables)
    assert done.returncode != 0
    assert "ImproperlyConfigured" in done.stderr
    assert named in done.stderr
    # The secret itself must not land in the log.
    for value in variables.values():
        assert not value or value not in done.stderr


def test_known_secrets__of_this_repository_are_refused():
    secret = re.search(r"SECRET_KEY=(\S+)", (ROOT / "pytest.ini").read_text())[1]
    assert weak_secrets(secret, [GOOD], []) == ["SECRET_KEY is a known default"]


def test_token_key__is_measured_in_bytes():
    assert weak_secrets(GOOD, ["äöüßé" + "abcdefghijklmnopqrstuv"], []) == []
    assert weak_secrets(GOOD, ["   " * 20], []) == ["JWT_SECRET_KEY, entry 1, is empty"]


def test_token_key__is_not_needed_beside_key_files():
    assert weak_secrets(GOOD, [""], ["/etc/key.pem"]) == []
