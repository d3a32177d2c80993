"""The index for searches of texts is made where PostgreSQL has its extension."""

import logging

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.migrations.state import ProjectState

from mediabackend.db.trigrams import AddTrigramIndex

pytestmark = pytest.mark.django_db
OPERATION = AddTrigramIndex("user", "user_names", ["display_name"])


def migrate(backwards: bool = False) -> None:
    """Run the operation on the present tables."""
    state = ProjectState.from_apps(apps)
    with connection.schema_editor(atomic=False) as editor:
        run = OPERATION.database_backwards if backwards else OPERATION.database_forwards
        run("accounts", editor, state, state)


def indexes() -> list[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "accounts_user")
    return [name for name in found if name == "user_names"]


def test_index__is_added_and_dropped():
    migrate()
    assert indexes() == ["user_names"]
    migrate(backwards=True)
    assert indexes() == []


def test_without_the_right_to_create_the_extension__the_migration_goes_on(caplog):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION IF EXISTS pg_trgm CASCADE")
        cursor.execute("CREATE ROLE tenant")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO tenant")
        cursor.execute("SET LOCAL ROLE tenant")
        with caplog.at_level(logging.WARNING):
            migrate()
        assert "There is no index user_names" in caplog.text
        assert indexes() == []
        transaction.set_rollback(True)
