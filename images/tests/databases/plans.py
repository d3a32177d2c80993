"""Query plans of PostgreSQL for a request."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Plan:
    """The plan of one statement, by EXPLAIN ANALYZE."""

    statement: str
    root: dict[str, Any]

    @property
    def nodes(self) -> list[dict[str, Any]]:
        return list(_below(self.root))

    @property
    def text(self) -> str:
        """The text to show when a test fails."""
        return f"{self.statement}\n{json.dumps(self.root, indent=1)}"

    @property
    def kinds(self) -> set[str]:
        return {node["Node Type"] for node in self.nodes}

    @property
    def indexes(self) -> set[str]:
        return {node["Index Name"] for node in self.nodes if "Index Name" in node}

    @property
    def tables(self) -> set[str]:
        return {node["Relation Name"] for node in self.nodes if "Relation Name" in node}

    def rows_read(self, table: str) -> int:
        """Count the rows of the table that were read, whether they matched or not."""
        return sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
            * node["Actual Loops"]
            for node in self.nodes
            if node.get("Relation Name") == table
        )


def plans_of(client, url: str) -> list[Plan]:
    """Make the request; returns the plans of its statements."""
    asked: list[tuple[str, Any]] = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        response = client.get(url)
    assert response.status_code == 200, response
    return [explain(sql, params) for sql, params in asked if "SELECT" in sql]


def explain(sql: str, params: Any) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        return Plan(sql, cursor.fetchone()[0][0]["Plan"])


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _below(child)
