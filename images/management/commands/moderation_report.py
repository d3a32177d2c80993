"""`manage.py moderation_report`: print the figures of the statistics page."""

import json
import re
from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from images.models import Action
from images.moderation.statistics import Statistics, collect_statistics

_UNITS = {"d": "days", "h": "hours"}
_MOST_DAYS = 3660


def _period(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([dh])", text, re.ASCII)
    period = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta()
    if not timedelta() < period <= timedelta(days=_MOST_DAYS):
        raise ArgumentTypeError("must be a number of days or hours, such as 7d or 24h")
    return period


class Command(BaseCommand):
    help = "Print the number of uploads, reports and decisions per day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            type=_period,
            default="7d",
            metavar="7d",
            help="The period up to now, in days (7d) or hours (24h).",
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        until = timezone.now()
        figures = collect_statistics(until - options["since"], until)
        write = _as_json if options["format"] == "json" else _as_text
        self.stdout.write(write(figures))


def _as_json(figures: Statistics) -> str:
    wait = figures.median_wait
    fields = asdict(figures)
    del fields["median_wait"]
    fields["median_wait_seconds"] = None if wait is None else wait.total_seconds()
    return json.dumps(fields, cls=DjangoJSONEncoder, indent=2)


def _as_text(figures: Statistics) -> str:
    head = f"{'day':10} {'uploads':>8} {'bytes':>14} {'reports':>8} {'decisions':>10}"
    lines = [
        f"{day.day} {day.uploads:8} {day.uploaded_bytes:14} {day.reports:8} "
        f"{day.decisions:10}"
        for day in figures.days
    ]
    decided = [
        f"{Action(action).label} {number}"
        for action, number in figures.decisions.items()
        if number
    ]
    wait = figures.median_wait
    seconds = None if wait is None else timedelta(seconds=round(wait.total_seconds()))
    size = filesizeformat(figures.stored_bytes).replace("\u00a0", " ")
    return "\n".join(
        [
            f"{figures.since:%Y-%m-%d %H:%M} to {figures.until:%Y-%m-%d %H:%M} UTC",
            head,
            *lines,
            f"Decisions: {', '.join(decided) or 'none'}",
            f"Median time from a report to its decision: {seconds or 'no decisions'}",
            f"Reported images without a decision: {figures.waiting}",
            f"Stored: {figures.stored_images} images, {size}",
        ]
    )
