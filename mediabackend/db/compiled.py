"""Statements that the ORM compiles once: compiling takes longer than running them."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar, cast
from uuid import UUID, uuid4

from django.db import (
    NotSupportedError,
    OperationalError,
    connections,
    models,
    router,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import DeleteQuery, Query, UpdateQuery

Row = tuple[Any, ...]
M = TypeVar("M", bound=models.Model)


class _Key(int):
    """The number of a key, in the place of its value in a statement's parameters."""


class _Statement(NamedTuple):
    sql: str
    # Each is a value, or the number of a key.
    parameters: list[Any]
    # By the number of the column: what makes Python's values of the database's.
    converters: dict[int, tuple[list[Any], Any]]


class _Compiled:
    """A statement that is compiled once for each database.

    `build` makes it from keys, which are UUIDs unless `examples` has a function for
    each of them that returns a random value of its type. The statement must depend on
    the keys in no other way than that they are its parameters.
    """

    def __init__(
        self,
        model: type[models.Model],
        build: Callable[..., models.QuerySet[Any, Any] | Query],
        examples: Sequence[Callable[[], Any]] = (),
    ) -> None:
        self._model = model
        self._build = build
        self._examples = examples
        self._statements: dict[str, _Statement] = {}

    def _statement(
        self, connection: BaseDatabaseWrapper, keys: tuple[Any, ...]
    ) -> tuple[str, list[Any]]:
        """Return the SQL, and its parameters for these keys."""
        statement = self._statements.get(connection.alias)
        if statement is None:
            statement = self._compile(connection, len(keys))
            self._statements[connection.alias] = statement
        values = [_database_value(connection, key) for key in keys]
        parameters = [
            values[value] if isinstance(value, _Key) else value
            for value in statement.parameters
        ]
        return statement.sql, parameters

    def _compile(self, connection: BaseDatabaseWrapper, count: int) -> _Statement:
        """Compile the statement with examples, which stand for the keys."""
        examples = [make() for make in self._examples or [uuid4] * count]
        built = self._build(*examples)
        query = built.query if isinstance(built, models.QuerySet) else built
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
    """A query set of `values_list`."""

    def rows(self, *keys: Any, using: str | None = None) -> list[Row]:
        """Ask for these keys; `using` names a database, as a query set's does.

        Raises OperationalError in a transaction when PostgreSQL refuses the plan that
        it kept, because a migration has changed a column's type. Outside of one it
        asks again, on a new connection.
        """
        connection = connections[using or router.db_for_read(self._model)]
        try:
            return self._fetch(connection, keys)
        except NotSupportedError as error:
            in_transaction = connection.in_atomic_block
            connection.close()
            if in_transaction:
                raise OperationalError("The table was changed.") from error
        return self._fetch(connection, keys)

    def _fetch(
        self, connection: BaseDatabaseWrapper, keys: tuple[Any, ...]
    ) -> list[Row]:
        with _new_cursor(connection) as cursor:
            cursor.execute(*self._statement(connection, keys))
            found: list[Row] = cursor.fetchall()
        converters = self._statements[connection.alias].converters
        if not converters:
            return found
        return [_converted(row, converters, connection) for row in found]


class CompiledObjects(Generic[M]):
    """A query set of whole objects; see `CompiledQuery`."""

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


class CompiledChange(_Compiled):
    """An UPDATE or DELETE, which `build` makes with `update_of` or `delete_of`.

    It calls no signal handlers and no overridden methods of the query set.
    """

    def run(self, *keys: Any, using: str | None = None) -> int:
        """Change the rows for these keys; return how many there were."""
        connection = connections[using or router.db_for_write(self._model)]
        with _new_cursor(connection) as cursor:
            cursor.execute(*self._statement(connection, keys))
            return int(cursor.rowcount)


def update_of(rows: models.QuerySet[Any], **changes: Any) -> UpdateQuery:
    """Return the UPDATE of these rows, for a CompiledChange."""
    query = cast(UpdateQuery, rows.order_by().query.chain(UpdateQuery))
    query.add_update_values(changes)
    return query


def delete_of(rows: models.QuerySet[Any]) -> DeleteQuery:
    """Return the DELETE of these rows alone, for a CompiledChange."""
    return cast(DeleteQuery, rows.order_by().query.chain(DeleteQuery))


def _new_cursor(connection: BaseDatabaseWrapper) -> Any:
    # PostgreSQL plans the statement once; see `mediabackend.db.postgresql`.
    return getattr(connection, "prepared_cursor", connection.cursor)()


def _database_value(connection: BaseDatabaseWrapper, key: Any) -> Any:
    if isinstance(key, UUID) and not connection.features.has_native_uuid_field:
        return key.hex
    return key


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
