"""The report of a benchmark: tables, a plot and JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from benchmarks.measure import Result


@dataclass(frozen=True)
class Line:
    """The results of one case, by side."""

    name: str
    target: float
    results: Mapping[str, Result]
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """The number of requests that the project answers for one of the reference.

        It is the median of the rounds, as other load changes from round to round.
        """
        sides = (self.results["project"].rates, self.results["reference"].rates)
        return median(ours / theirs for ours, theirs in zip(*sides, strict=True))

    @property
    def verdict(self) -> str:
        met = "met" if self.ratio >= self.target else "not met"
        return f"{self.target:g} x: {met}"

    @property
    def cost(self) -> float | None:
        """The CPU time of the project's request, in multiples of the bare handler's."""
        if "bare" not in self.results:
            return None
        sides = (self.results[side] for side in ("project", "bare"))
        ours, bare = (found.cpu_per_request for found in sides)
        return ours / bare

    @property
    def cost_verdict(self) -> str:
        if self.cost is None or self.limit is None:
            return ""
        met = "met" if self.cost <= self.limit else "not met"
        return f"{self.limit:g} x: {met}"


def write_json(
    path: Path, lines: Sequence[Line], facts: Mapping[str, str], seconds: float
) -> None:
    cases = {
        line.name: {
            "target": line.target,
            "ratio": round(line.ratio, 3),
            "cpu_limit": line.limit,
            "cpu": line.cost and round(line.cost, 3),
            "results": {side: asdict(found) for side, found in line.results.items()},
        }
        for line in lines
    }
    data = {"machine": facts, "seconds_per_run": seconds, "cases": cases}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data, indent=2) + "\n")


def put_into(page: Path, text: str, name: str = "results") -> None:
    """Replace a block of a Markdown page; raise ValueError if it is not there."""
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    old = page.read_text()
    if not block.search(old):
        raise ValueError(f"{page.name} has no place for {name}.")
    page.write_text(block.sub(lambda found: f"{found[1]}{text}\n{found[2]}", old))


def markdown(lines: Sequence[Line], facts: Mapping[str, str]) -> str:
    """Return the results as two tables, after the facts about the machine."""
    machine = "\n".join(f"- {name}: {value}" for name, value in facts.items())
    return f"{machine}\n\n{ratios(lines)}\n\n{details(lines)}"


def ratios(lines: Sequence[Line]) -> str:
    rows = [
        [
            line.name,
            *(
                _rate(line.results.get(side))
                for side in ("reference", "project", "bare")
            ),
            f"{line.ratio:.2f}",
            line.verdict,
            "" if line.cost is None else f"{line.cost:.2f}",
            line.cost_verdict,
        ]
        for line in lines
    ]
    names = (
        "requests/s",
        "reference",
        "project",
        "bare",
        "project/reference",
        "target",
        "CPU, project/bare",
        "limit",
    )
    return table(names, rows)


def details(lines: Sequence[Line]) -> str:
    rows = [
        [
            line.name,
            side,
            f"{found.p50 * 1000:.1f}",
            f"{found.p99 * 1000:.1f}",
            f"{found.cpu_per_request * 1000:.2f}",
            f"{found.peak_memory / 2**20:.0f}",
            f"{found.memory_growth / 2**20:+.0f}",
            str(found.errors),
        ]
        for line in lines
        for side, found in line.results.items()
    ]
    measures = (
        *("p50, ms", "p99, ms", "CPU ms a request"),
        *("peak memory, MiB", "of it in the run", "errors"),
    )
    return table(("", "side", *measures), rows)


def plot(lines: Sequence[Line]) -> str:
    """Return an SVG with a bar for the ratio of each case, and marks at the targets."""
    left, unit, step, top = 330, 70, 26, 34
    longest = max(max(line.ratio, line.target) for line in lines)
    width = int(left + unit * longest + 70)
    height = top + step * len(lines) + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{left}" y="16" fill="#555">requests a second, reference = 1; '
        "red: target</text>",
    ]
    for number, line in enumerate(lines):
        y = top + step * number
        # The figure stands behind the bar and the mark.
        end = left + unit * max(line.ratio, line.target)
        parts += [
            f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{line.name}</text>',
            f'<rect x="{left}" y="{y}" width="{unit * line.ratio:.0f}" height="17" '
            'fill="#3a76b0"/>',
            f'<text x="{end + 10:.0f}" y="{y + 13}">{line.ratio:.2f}</text>',
        ]
        parts.append(_mark(left + unit * line.target, y - 2, y + 19, "#c22"))
    parts.append(_mark(left + unit, top - 6, height - 8, "#888"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _mark(x: float, start: float, end: float, colour: str) -> str:
    return (
        f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{start}" y2="{end}" '
        f'stroke="{colour}" stroke-width="2"/>'
    )


def _rate(found: Result | None) -> str:
    if found is None:
        return ""
    return (
        f"{found.per_second:.0f}"
        if found.per_second >= 100
        else (f"{found.per_second:.1f}")
    )


def table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose first column has words, and the others figures."""
    rule = ["---", *(["---:"] * (len(names) - 1))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (names, rule, *rows))
