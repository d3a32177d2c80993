"""Fixtures of every test."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import environ
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import RequestFactory
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tokens.sessions import start_session
from mediabackend.api import throttles

PASSWORD = "correct horse battery 9"

# Tests that request one of these, or are marked `django_db`, use the database.
# pytest-django does not let others use it.
_DATABASE_FIXTURES = {"django_db_setup", "database_url"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use the database: the others run on one database only."""
    for item in items:
        fixtures = _DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
        if fixtures or item.get_closest_marker("django_db"):
            item.add_marker("needs_database")


@pytest.fixture(autouse=True)
def test_environment(settings, tmp_path: Path):
    """Give each test a cheap hash, an ImageKit of its own and an empty cache."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.IMAGEKIT_EMULATOR = {
        **settings.IMAGEKIT_EMULATOR,
        "ROOT": tmp_path / "imagekit",
    }
    # Otherwise each test client would list all static files first.
    settings.WHITENOISE_AUTOREFRESH = True
    throttles._Pause.until = 0.0
    cache.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, tmp_path_factory
):
    """Test on an SQLite file: a database in memory has only one connection."""
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


@pytest.fixture(scope="session")
def database_url() -> str:
    """Return the URL of the database of this run, for programs that tests start."""
    return os.environ["DATABASE_URL"]


@pytest.fixture
def make_user(db) -> Callable[..., User]:
    """Create a user; `raw_password` on it is the password."""

    def make(email: str = "ann@example.com", **fields) -> User:
        user = User.objects.create_user(email, PASSWORD, **fields)
        user.raw_password = PASSWORD
        return user

    return make


@pytest.fixture
def user(make_user) -> User:
    return make_user("ann@example.com", display_name="Ann")


@pytest.fixture
def stranger(make_user) -> User:
    return make_user("bob@example.com", display_name="Bob")


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient(raise_request_exception=False)


@pytest.fixture
def sign_in() -> Callable[[User], dict[str, str]]:
    """Sign a user in and return the tokens."""

    def make(user: User) -> dict[str, str]:
        return start_session(user, RequestFactory().post("/"))

    return make


@pytest.fixture
def tokens(sign_in, user) -> dict[str, str]:
    return sign_in(user)


@pytest.fixture
def client_of(sign_in) -> Callable[[User], APIClient]:
    """Return an API client that sends the user's access token."""

    def make(user: User) -> APIClient:
        client = APIClient(raise_request_exception=False)
        access = sign_in(user)["access"]
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        return client

    return make


@pytest.fixture
def api(client_of, user) -> APIClient:
    """Return the API client of `user`."""
    return client_of(user)


@pytest.fixture
def events_on(settings) -> None:
    """Note events; those that a test sends by mistake go nowhere."""
    settings.EVENTS_URL = "https://receiver.invalid/"
    settings.EVENTS_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Start Redis and return its CACHE_URL."""
    if not shutil.which("redis-server"):
        pytest.skip("Redis is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        # The log says when it accepts connections.
        for line in server.stdout:
            if "Ready to accept connections" in line:
                break
        yield f"rediscache://127.0.0.1:{port}/0"
        server.terminate()
        server.stdout.read()


@pytest.fixture
def redis_cache(redis_url, settings) -> None:
    """Use a Redis, which is empty, as the cache."""
    settings.CACHES = {"default": environ.Env.cache_url_config(redis_url)}
    cache.clear()


@pytest.fixture
def dead_redis(settings) -> None:
    """Use a Redis that does not run as the cache."""
    url = "rediscache://127.0.0.1:1/0"
    settings.CACHES = {"default": environ.Env.cache_url_config(url)}
