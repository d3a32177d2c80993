"""An index for searches of a part of a text, on PostgreSQL."""

import logging
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, transaction
from django.db.migrations.operations.base import Operation

logger = logging.getLogger(__name__)


class AddTrigramIndex(Operation):
    """Add an index that serves `icontains` of each of these columns.

    It needs PostgreSQL's extension pg_trgm. Where the extension cannot be created, and
    on other databases, there is no index, and searches read the whole table.
    """

    def __init__(self, model_name: str, name: str, columns: Sequence[str]) -> None:
        self.model_name = model_name
        self.name = name
        self.columns = columns

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change nothing: the models do not know the index."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        connection = schema_editor.connection
        model = to_state.apps.get_model(app_label, self.model_name)
        if connection.vendor != "postgresql" or not self.allow_migrate_model(
            connection.alias, model
        ):
            return
        try:
            with transaction.atomic(using=connection.alias):
                schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
                schema_editor.execute(self._statement(model._meta.db_table))
        except DatabaseError as error:
            logger.warning("There is no index %s for searches: %s", self.name, error)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'DROP INDEX IF EXISTS "{self.name}"')

    def describe(self) -> str:
        return f"Add the trigram index {self.name}"

    def _statement(self, table: str) -> str:
        # `icontains` compares the texts in capitals.
        terms = ", ".join(
            f'UPPER("{column}"::text) gin_trgm_ops' for column in self.columns
        )
        return f'CREATE INDEX "{self.name}" ON "{table}" USING gin ({terms})'
