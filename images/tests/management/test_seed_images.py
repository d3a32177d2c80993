import pytest
from django.core.management import CommandError, call_command
from django.db import connection


def test_seed_images__is_for_postgresql(monkeypatch):
    monkeypatch.setattr(connection, "vendor", "sqlite")
    with pytest.raises(CommandError, match="PostgreSQL"):
        call_command("seed_images", "--yes")
