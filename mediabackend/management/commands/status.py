"""`manage.py status`: tell how the installation is."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from mediabackend.status.report import Status, collect_status


class Command(BaseCommand):
    help = (
        "Tell how the database, the cache, ImageKit, the outbox and the workers are. "
        "Exits with 1 if there is a problem."
    )
    # It has to work when something is wrong.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print a JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        status = collect_status()
        if options["json"]:
            self.stdout.write(_as_json(status))
        else:
            for line in _as_lines(status):
                self.stdout.write(line)
        if status.problems:
            sys.exit(1)


def _as_json(status: Status) -> str:
    whole = {
        "status": "problems" if status.problems else "ok",
        "problems": status.problems,
        **status.parts,
    }
    return json.dumps(whole, cls=DjangoJSONEncoder, indent=2)


def _as_lines(status: Status) -> Iterator[str]:
    for name, facts in status.parts.items():
        yield f"{name:<10} {_as_text(facts)}"
    for problem in status.problems:
        yield f"PROBLEM    {problem}"
    if not status.problems:
        yield "No problems."


def _as_text(facts: Mapping[str, Any]) -> str:
    """Write facts in one line; lists of facts each in a line of its own."""
    if not facts:
        return "unknown"
    return ", ".join(
        f"{name.replace('_', ' ')} {_value(value)}" for name, value in facts.items()
    )


def _value(value: Any) -> str:
    if isinstance(value, list):
        if not value:
            return "none"
        if isinstance(value[0], Mapping):
            return "".join(f"\n{'':<10} - {_as_text(one)}" for one in value)
        return " ".join(map(str, value))
    return "never" if value is None else f"{value}"
