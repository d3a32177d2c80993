"""Fixtures of every test."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import User

PASSWORD = "correct horse battery 9"


@pytest.fixture(autouse=True)
def test_environment(settings, tmp_path: Path):
    """A cheap hash, an ImageKit of its own and an empty cache for each test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.IMAGEKIT_EMULATOR = {
        **settings.IMAGEKIT_EMULATOR,
        "ROOT": tmp_path / "imagekit",
    }
    cache.clear()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, tmp_path_factory
):
    """Test on an SQLite file: the default, in memory, knows no concurrency."""
    if connection.vendor == "sqlite":
        path = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(path)


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
def client_of() -> Callable[[User], APIClient]:
    """Return an API client that sends the user's access token."""

    def make(user: User) -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {AccessToken.for_user(user)}")
        return client

    return make


@pytest.fixture
def api(client_of, user) -> APIClient:
    """Return the API client of `user`."""
    return client_of(user)
