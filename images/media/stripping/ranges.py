"""Arithmetic with ranges of bytes."""

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice

from images.media.formats.items import Range


def merged(ranges: Iterable[Range]) -> list[Range]:
    """Return the ranges in order, those joined that touch each other."""
    joined: list[Range] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def without(ranges: list[Range], others: list[Range]) -> Iterator[Range]:
    """Yield what is left of the ranges outside of others, which are merged."""
    for start, end in ranges:
        at = bisect_right(others, (start, sys.maxsize)) - 1
        for low, high in islice(others, max(at, 0), None):
            if low >= end:
                break
            if start < low:
                yield start, low
            start = max(start, high)
        if start < end:
            yield start, end
