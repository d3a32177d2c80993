"""`manage.py run_worker`: do all that has to happen besides requests."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from mediabackend.worker.loop import Loop, listening_to_signals
from mediabackend.worker.steps import STEPS


class Command(BaseCommand):
    help = (
        "Run background tasks, the sweep and all clean-ups, each at its own pace, "
        "until SIGTERM or Ctrl-C. Any number of workers may run at the same time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once",
            action="store_true",
            help="Do one round of everything and end; exits with 1 if a step failed.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with listening_to_signals() as stop:
            loop = Loop(STEPS, stop)
            if options["once"]:
                _run_once(loop)
            else:
                loop.run()


def _run_once(loop: Loop) -> None:
    try:
        failed = loop.run_once()
    except (DatabaseError, InterfaceError) as error:
        raise CommandError(f"The database does not work: {error}") from error
    if failed:
        raise CommandError(f"Failed: {', '.join(failed)}.")
