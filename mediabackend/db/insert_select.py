"""INSERT … SELECT, which the ORM does not have."""

from typing import Any, cast

from django.db import connections, models


def insert_from(
    model: type[models.Model], rows: models.QuerySet[Any], fields: dict[str, Any]
) -> None:
    """Insert a row of `model` for each of `rows`, in one statement.

    `fields` maps the columns to fill to expressions over `rows`.
    """
    names = {name: f"new_{name}" for name in fields}
    select = rows.order_by().values(
        **{names[name]: expression for name, expression in fields.items()}
    )
    sql, params = select.query.sql_with_params()
    connection = connections[rows.db]
    quote = connection.ops.quote_name
    get_field = cast(Any, model._meta).get_field
    columns = ", ".join(quote(get_field(name).column) for name in fields)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) {sql}", params)
