"""Expressions that Django does not have."""

from typing import Any

from django.db.models import BooleanField, Func


class OneOf(Func):
    """Equality to a key, written so that PostgreSQL does not treat it as a constant."""

    # With a cast, as a parameter has no type of its own.
    template = "(%(expressions)s]::uuid[]))"
    arg_joiner = " = ANY(ARRAY["
    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="(%(expressions)s)", arg_joiner=" = "
        )
