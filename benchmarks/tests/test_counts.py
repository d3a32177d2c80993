"""The figures of the main requests, compared with the record."""

import sys
from urllib.parse import urlsplit

import pytest
from django.db import connection

from benchmarks.counting import LIMITS, PYTHON, count, differences, recorded

KNOWN = {"profile": {"statements": 2, "calls": 1000, "bytes": 5000}}


def url_of_the_test_database(run_url: str) -> str:
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(run_url)._replace(path=f"/{name}").geturl()


@pytest.mark.django_db(transaction=True)
def test_main_requests__take_what_is_recorded(tmp_path, database_url):
    if connection.vendor == "postgresql" and sys.platform != "linux":
        pytest.skip("statements to PostgreSQL can be counted on Linux only")
    found = count(url_of_the_test_database(database_url), tmp_path)
    known, of_this_python = recorded(connection.vendor)
    limits = LIMITS if of_this_python else {"statements": LIMITS["statements"]}
    changes = differences(known, found, limits)
    assert not changes, changes
    # Large files are never in memory as a whole.
    small, large = (found[f"upload of {size} MB"]["bytes"] for size in (3, 8))
    assert large < 1.1 * small
    if not of_this_python:
        pytest.skip(f"the record has no calls and no memory for Python {PYTHON}")


def test_differences__within_the_limits():
    found = {"profile": {"statements": 2, "calls": 1100, "bytes": 4500}}
    assert differences(KNOWN, found) == ""


@pytest.mark.parametrize(
    ("what", "new"),
    [
        ("statements", 3),
        ("statements", 1),
        ("calls", 1101),
        ("calls", 899),
        ("bytes", 5501),
        ("bytes", 4499),
    ],
)
def test_differences__beyond_the_limits(what, new):
    found = {"profile": KNOWN["profile"] | {what: new}}
    assert differences(KNOWN, found).splitlines() == [
        f"profile: {new:,} {what}, the record has {KNOWN['profile'][what]:,}",
        "If this is intended, record it: make bench-counts ARGS=--record",
    ]


def test_differences__with_limits_of_statements_only():
    found = {"profile": {"statements": 2, "calls": 5000, "bytes": 9}}
    assert differences(KNOWN, found, {"statements": 0.0}) == ""


@pytest.mark.parametrize(
    ("known", "found", "said"),
    [
        (KNOWN, {}, "profile: only in the record"),
        ({}, KNOWN, "profile: not in the record"),
    ],
    ids=["gone", "new"],
)
def test_differences__of_the_requests_themselves(known, found, said):
    assert differences(known, found).startswith(said)
