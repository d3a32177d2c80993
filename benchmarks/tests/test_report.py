"""The arithmetic of the report."""

import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.measure import Load, LoadFailed, Result, Run, combine, percentile
from benchmarks.report import Line, plot, put_into, ratios


def run(requests, seconds, p50, p99, cpu, memory, errors=0) -> Run:
    return Run(Load(requests, seconds, p50, p99, errors), cpu, memory, memory // 2)


@pytest.fixture
def line() -> Line:
    return Line(
        "list",
        3.0,
        {
            "reference": combine([run(100, 1.0, 0.01, 0.02, 1.0, 5)]),
            "project": combine([run(500, 2.0, 0.01, 0.02, 1.0, 5)]),
        },
    )


def test_combine__runs_of_different_lengths():
    found = combine(
        [run(100, 1.0, 0.010, 0.030, 0.5, 7), run(500, 3.0, 0.020, 0.020, 1.0, 9, 2)]
    )
    assert found.per_second == 150
    assert found.rates == (100, pytest.approx(166.7, abs=0.1))
    assert found.p50 == pytest.approx(0.015)
    assert found.p99 == 0.030
    assert found.cpu_per_request == pytest.approx(0.0025)
    assert (found.peak_memory, found.memory_growth) == (9, 4)
    assert (found.errors, found.requests) == (2, 600)


def test_ratio__is_the_median_of_the_rounds():
    def rounds(*requests) -> Result:
        return combine([run(number, 1.0, 0.1, 0.1, 1.0, 5) for number in requests])

    results = {"reference": rounds(100, 10, 100), "project": rounds(200, 20, 900)}
    assert Line("list", 3.0, results).ratio == 2


@pytest.mark.parametrize(("requests", "errors"), [(100, 2), (0, 0)])
def test_combine__refuses_failed_loads(requests, errors):
    with pytest.raises(LoadFailed):
        combine([run(requests, 1.0, 0.1, 0.1, 1.0, 5, errors)])


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 50), (99, 99), (100, 100), (0, 1)]
)
def test_percentile__of_1_to_100(percent, expected):
    assert percentile(list(range(1, 101)), percent) == expected


def test_percentile__of_nothing():
    assert percentile([], 99) == 0


def test_ratio_and_verdict(line):
    assert line.ratio == 2.5
    assert line.verdict == "3 x: not met"
    assert Line("list", 2.5, line.results).verdict == "2.5 x: met"
    row = "| list | 100 | 250 |  | 2.50 | 3 x: not met |  |  |"
    assert row in ratios([line])


@pytest.mark.parametrize(("limit", "verdict"), [(1.5, "met"), (1.4, "not met")])
def test_cost__in_multiples_of_the_bare_handler(line, limit, verdict):
    bare = combine([run(300, 2.0, 0.01, 0.02, 0.4, 5)])
    found = Line("list", 3.0, {**line.results, "bare": bare}, limit)
    assert found.cost == pytest.approx(1.5)
    assert found.cost_verdict == f"{limit:g} x: {verdict}"
    assert f"| 150 | 2.50 | 3 x: not met | 1.50 | {limit:g} x: {verdict} |" in ratios(
        [found]
    )


def test_plot__is_well_formed(line):
    # Written just now, so no hostile XML.
    root = ElementTree.fromstring(plot([line]))  # noqa: S314
    assert "2.50" in [
        text.text for text in root.iter("{http://www.w3.org/2000/svg}text")
    ]


def test_put_into__replaces_the_block_only(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("above\n<!-- results -->\nold\n<!-- end of results -->\nbelow\n")
    put_into(page, r"new \1")
    assert page.read_text() == (
        "above\n<!-- results -->\nnew \\1\n<!-- end of results -->\nbelow\n"
    )
    page.write_text("nothing")
    with pytest.raises(ValueError, match="no place"):
        put_into(page, "new")
