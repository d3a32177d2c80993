import pytest

from benchmarks.flat import Seen, table


@pytest.mark.parametrize(
    ("seconds", "ratio"), [(0.008, "0.80"), (0.013, "1.30"), (0.014, "**1.40**")]
)
def test_table__marks_what_is_not_flat(seconds, ratio):
    seen = {
        1000: {"list": Seen([0.010, 0.010, 9.0], [0.001], 5)},
        5000: {"list": Seen([seconds], [0.002], 6)},
        2000: {"list": Seen([0.001], [0.001], 5)},
    }
    text = table((1000, 2000, 5000), seen)
    line = f"| list | 10.0 | 1.0 | {seconds * 1000:.1f} | {ratio} |"
    assert f"{line} 1.00 | 1.00 | 2.00 | 5, 5, 6 |" in text
