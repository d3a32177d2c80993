"""Argument types of several commands."""

from argparse import ArgumentTypeError


def count(text: str) -> int:
    """Return a number of at least 1; `1_000_000` is allowed too."""
    number = int(text)
    if number < 1:
        raise ArgumentTypeError("must be at least 1")
    return number
