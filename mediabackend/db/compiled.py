"""Queries that the ORM compiles once, where compiling takes longer than asking."""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID, uuid4

from django.db import (
    NotSupportedError,
    OperationalError,
    connections,
    models,
    router,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import Query, UpdateQuery

Row = tuple[Any, ...]
M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


class _Key(int):
    """The number of a key, where a statement has its place for it."""


class _Statement(NamedTuple):
    sql: str
    # Of the database's values, or the number of a key.
    parameters: list[Any]
    # By column, for values that the database does not give as Python has them.
    converters: dict[int, tuple[list[Any], Any]]


class _Compiled:
    """What `build` makes from keys, all UUIDs, compiled once for each database.

    It must depend on them in no other way than that they are its parameters.
    """

    def __init__(
        self, model: type[models.Model], build: Callable[..., models.QuerySet[Any, Any]]
    ) -> None:
        self._model = model
        self._build = build
        self._statements: dict[str, _Statement] = {}

    def _query(self, alias: str, keys: list[UUID]) -> Query:
        return self._build(*keys).using(alias).query

    def _run(
        self,
        connection: BaseDatabaseWrapper,
        keys: tuple[UUID, ...],
        read: Callable[[Any, _Statement], T],
    ) -> T:
        """Execute the statement, and return what `read` makes of it.

        Raises OperationalError in a transaction when the plan that PostgreSQL kept is
        of no use any more, because a migration has changed a column's type. Else it
        asks again, on a new connection.
        """
        statement = self._statements.get(connection.alias)
        if statement is None:
            statement = self._compile(connection, len(keys))
            self._statements[connection.alias] = statement
        try:
            return _execute(connection, statement, keys, read)
        except NotSupportedError as error:
            in_transaction = connection.in_atomic_block
            connection.close()
            if in_transaction:
                raise OperationalError("The table was changed.") from error
        return _execute(connection, statement, keys, read)

    def _compile(self, connection: BaseDatabaseWrapper, count: int) -> _Statement:
        examples = [uuid4() for _ in range(count)]
        query = self._query(connection.alias, examples)
        compiler = query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        keys = {
            _database_value(connection, example): _Key(number)
            for number, example in enumerate(examples)
        }
        columns = [column for column, _, _ in compiler.select or ()]
        return _Statement(
            sql,
            [keys.get(value, value) for value in parameters],
            compiler.get_converters(columns),
        )


class CompiledQuery(_Compiled):
    """A query set of `values_list`; see `_Compiled`."""

    def rows(self, *keys: UUID, using: str | None = None) -> list[Row]:
        """Ask for these keys; `using` names a database, as a query set's does."""
        connection = connections[using or router.db_for_read(self._model)]

        def read(cursor: Any, statement: _Statement) -> list[Row]:
            found: list[Row] = cursor.fetchall()
            if not statement.converters:
                return found
            return [_converted(row, statement.converters, connection) for row in found]

        return self._run(connection, keys, read)


class CompiledObjects(Generic[M]):
    """A query set of whole objects; see `_Compiled`."""

    def __init__(
        self, model: type[M], build: Callable[..., models.QuerySet[M]]
    ) -> None:
        self._model = model
        self._columns = [field.attname for field in model._meta.concrete_fields]
        self._query = CompiledQuery(
            model, lambda *keys: build(*keys).values_list(*self._columns)
        )

    def first(self, *keys: UUID) -> M | None:
        """Return the first object that is found for these keys, if any is."""
        alias = router.db_for_read(self._model)
        for row in self._query.rows(*keys):
            return self._model.from_db(alias, self._columns, row)
        return None


class CompiledUpdate(_Compiled):
    """An update of a query set; see `_Compiled`. `changes` are expressions."""

    def __init__(
        self,
        model: type[models.Model],
        build: Callable[..., models.QuerySet[Any, Any]],
        **changes: Any,
    ) -> None:
        super().__init__(model, build)
        self._changes = changes

    def run(self, *keys: UUID) -> int:
        """Update the rows of these keys; returns how many there were."""
        connection = connections[router.db_for_write(self._model)]
        return self._run(connection, keys, lambda cursor, _: int(cursor.rowcount))

    def _query(self, alias: str, keys: list[UUID]) -> Query:
        query: UpdateQuery = super()._query(alias, keys).chain(UpdateQuery)  # type: ignore[assignment]
        query.add_update_values(self._changes)
        return query


def _execute(
    connection: BaseDatabaseWrapper,
    statement: _Statement,
    keys: tuple[UUID, ...],
    read: Callable[[Any, _Statement], T],
) -> T:
    values = [_database_value(connection, key) for key in keys]
    parameters = [
        values[value] if isinstance(value, _Key) else value
        for value in statement.parameters
    ]
    # PostgreSQL plans the statement once, see `mediabackend.postgresql`.
    new_cursor = getattr(connection, "prepared_cursor", connection.cursor)
    with new_cursor() as cursor:
        cursor.execute(statement.sql, parameters)
        return read(cursor, statement)


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
