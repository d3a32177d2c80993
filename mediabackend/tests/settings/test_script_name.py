"""A site below a path of its host."""

import pytest

from mediabackend.tests.settings.test_secrets import PRODUCTION, python

SHOW = """
from mediabackend import settings as s
print(s.FORCE_SCRIPT_NAME, s.STATIC_URL, s.SITE_URL)
"""
NAMES = """
from mediabackend import settings as s
print(s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_NAME,
      s.CSRF_COOKIE_PATH, *s.SECURE_REDIRECT_EXEMPT)
"""


@pytest.mark.parametrize("given", ["/media", "/media/"])
@pytest.mark.parametrize(
    "site", ["https://example.com", "https://example.com/media/", "https://a/media"]
)
def test_path__is_that_of_static_files_and_of_the_site(given, site):
    variables = {**PRODUCTION, "SCRIPT_NAME": given, "SITE_URL": site}
    done = python("-c", SHOW, **variables)
    expected = site.rstrip("/").removesuffix("/media") + "/media"
    assert done.stdout.split() == ["/media", "/media/static/", expected], done.stderr


def test_site__whose_host_has_the_name_of_the_path():
    variables = {"SCRIPT_NAME": "/media", "SITE_URL": "https://media"}
    done = python("-c", SHOW, **PRODUCTION | variables)
    assert done.stdout.split()[2] == "https://media/media"


@pytest.mark.parametrize(
    ("script_name", "site"),
    [
        ("/media", "https://example.com/other"),
        ("", "https://example.com/media"),
        ("/media", "https://example.com/media/x"),
    ],
)
def test_site__with_another_path_is_refused(script_name, site):
    variables = {"SCRIPT_NAME": script_name, "SITE_URL": site}
    done = python("-c", SHOW, **PRODUCTION | variables)
    assert "SITE_URL and SCRIPT_NAME have different paths." in done.stderr


@pytest.mark.parametrize("given", ["media", "/me dia", "//host", "/a//b", "https://x"])
def test_path__that_is_none_is_refused(given):
    done = python("-c", SHOW, **PRODUCTION, SCRIPT_NAME=given)
    assert "SCRIPT_NAME must be a path such as /media." in done.stderr


def test_cookies__have_the_path_and_a_name_of_their_own():
    done = python("-c", NAMES, **PRODUCTION, SCRIPT_NAME="/a.b/c")
    assert done.stdout.split() == [
        *("sessionid_a.b_c", "/a.b/c/", "csrftoken_a.b_c", "/a.b/c/"),
        *(r"^a\.b/c/healthz$", r"^a\.b/c/readyz$", r"^a\.b/c/metrics$"),
    ]


def test_cookies__at_the_root_of_a_host():
    done = python("-c", NAMES, **PRODUCTION)
    assert done.stdout.split()[:5] == [
        *("sessionid", "/", "csrftoken", "/", "^healthz$"),
    ]
