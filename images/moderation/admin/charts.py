"""Bar charts for a template, which draws them as SVG without scripts."""

from collections.abc import Sequence
from dataclasses import dataclass

from images.moderation.statistics import Day

# In units of the drawing; the page scales it.
WIDTH, HEIGHT = 600, 120
_GAP = 0.25


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    """A bar for each day."""

    name: str
    title: str
    bars: Sequence[Bar]
    highest: int
    total: int
    is_bytes: bool = False


def draw_chart(title: str, name: str, days: Sequence[Day]) -> Chart:
    """Draw the field `name` of each day; the highest bar has the full height."""
    numbers = [getattr(day, name) for day in days]
    highest = max(numbers, default=0)
    step = WIDTH / max(1, len(numbers))
    bars = []
    for place, number in enumerate(numbers):
        height = round(HEIGHT * number / highest, 1) if number else 0
        x = round(step * (place + _GAP / 2), 1)
        bars.append(
            Bar(x, round(HEIGHT - height, 1), round(step * (1 - _GAP), 1), height)
        )
    return Chart(name, title, bars, highest, sum(numbers), name == "uploaded_bytes")
