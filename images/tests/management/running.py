"""Run `check_imagekit` and read what it prints."""

from io import StringIO
from typing import NamedTuple

from django.core.management import CommandError, call_command


class Run(NamedTuple):
    """The result of each check by its name, and what else was printed."""

    results: dict[str, tuple[str, str]]
    error: str
    text: str

    def having(self, result: str) -> set[str]:
        return {name for name, (found, _) in self.results.items() if found == result}


def run_command() -> Run:
    out, error = StringIO(), ""
    try:
        call_command("check_imagekit", stdout=out, stderr=out, no_color=True)
    except CommandError as failure:
        error = str(failure)
    results = {}
    for line in out.getvalue().splitlines():
        if " ms  " in line:
            start, _, text = line.partition(" ms  ")
            result, *name, _ = start.split()
            results[" ".join(name)] = (result, text)
    return Run(results, error, out.getvalue())
