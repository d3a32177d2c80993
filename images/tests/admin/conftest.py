"""Fixtures of the tests of the admin."""

import pytest


@pytest.fixture
def admin(make_user, client):
    client.force_login(make_user("root@example.com", is_staff=True, is_superuser=True))
    return client
