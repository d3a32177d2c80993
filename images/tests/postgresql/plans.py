"""How PostgreSQL gets at what a request asks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


@dataclass(frozen=True)
class Plan:
    """What one statement did, by EXPLAIN ANALYZE."""

    statement: str
    root: dict[str, Any]

    @property
    def nodes(self) -> list[dict[str, Any]]:
        return list(_below(self.root))

    @property
    def text(self) -> str:
        """What to read when a test fails."""
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN ANALYZE {self.statement}")
            return "\n".join(line for (line,) in cursor)

    @property
    def kinds(self) -> set[str]:
        return {node["Node Type"] for node in self.nodes}

    @property
    def indexes(self) -> set[str]:
        return {node["Index Name"] for node in self.nodes if "Index Name" in node}

    def rows_read(self, table: str) -> int:
        """Count the rows of the table that were looked at, found fitting or not."""
        return sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
            * node["Actual Loops"]
            for node in self.nodes
            if node.get("Relation Name") == table
        )


def plans_of(client, url: str, **extra: str) -> list[Plan]:
    """Make the request; returns the plans of what it asked the database."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, **extra)
        assert response.status_code == 200, response
        statements = [query["sql"] for query in captured]
    return [
        explain(text) for text in statements if text.startswith(("SELECT", "(SELECT"))
    ]


def explain(statement: str) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}")
        return Plan(statement, cursor.fetchone()[0][0]["Plan"])


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _below(child)
