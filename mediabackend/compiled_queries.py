"""Queries that the ORM compiles once, where compiling takes longer than asking."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

Row = tuple[Any, ...]


class _Statement(NamedTuple):
    sql: str
    # Of the database's values, or the number of a key.
    parameters: list[Any]
    # By column, for values that the database does not give as Python has them.
    converters: dict[int, tuple[list[Any], Any]]


class _Key(int):
    """The number of a key, where a statement has its place for it."""


class CompiledQuery:
    """A query set of `values_list`, compiled once for each database.

    `build` makes it from keys, all UUIDs. What it makes must depend on them in no
    other way than that they are its parameters.
    """

    def __init__(
        self,
        model: type[models.Model],
        build: Callable[..., models.QuerySet[Any, Row]],
    ) -> None:
        self._model = model
        self._build = build
        self._statements: dict[str, _Statement] = {}

    def rows(self, *keys: UUID) -> list[Row]:
        """Ask for these keys."""
        alias = router.db_for_read(self._model)
        connection = connections[alias]
        statement = self._statements.get(alias)
        if statement is None:
            statement = self._compile(connection, len(keys))
            self._statements[alias] = statement
        values = [_database_value(connection, key) for key in keys]
        parameters = [
            values[value] if isinstance(value, _Key) else value
            for value in statement.parameters
        ]
        new_cursor = getattr(connection, "prepared_cursor", connection.cursor)
        with new_cursor() as cursor:
            cursor.execute(statement.sql, parameters)
            found: list[Row] = cursor.fetchall()
        if not statement.converters:
            return found
        return [_converted(row, statement.converters, connection) for row in found]

    def _compile(self, connection: BaseDatabaseWrapper, count: int) -> _Statement:
        examples = [uuid4() for _ in range(count)]
        query = self._build(*examples).using(connection.alias).query
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        keys = {
            _database_value(connection, example): _Key(number)
            for number, example in enumerate(examples)
        }
        columns = [column for column, _, _ in compiler.select]
        return _Statement(
            sql,
            [keys.get(value, value) for value in parameters],
            compiler.get_converters(columns),
        )


def _database_value(connection: BaseDatabaseWrapper, key: UUID) -> UUID | str:
    return key if connection.features.has_native_uuid_field else key.hex


def _converted(
    row: Row,
    converters: dict[int, tuple[list[Any], Any]],
    connection: BaseDatabaseWrapper,
) -> Row:
    values = list(row)
    for position, (functions, expression) in converters.items():
        for function in functions:
            values[position] = function(values[position], expression, connection)
    return tuple(values)
