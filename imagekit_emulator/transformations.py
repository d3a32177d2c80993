"""A parser of transformations such as `w-300,h-200:rt-90`."""

import re
from collections.abc import Mapping

from imagekit_emulator.errors import DeliveryError

Step = Mapping[str, str]

MAX_STEPS = 20
MAX_TEXT = 4000
# The sizes are invented: those of ImageKit are not documented.
NAMED = {
    "media_library_thumbnail": "w-300,h-300,c-at_max",
    "ik_ml_thumbnail": "w-300,h-300,c-at_max",
}
CROPS = (
    "maintain_ratio|force|at_max|at_max_enlarge|at_least|maintain_ratio_no_enlarge"
    "|at_max_no_enlarge"
)
CROP_MODES = (
    "pad_resize|extract|pad_extract|pad_resize_no_enlarge|pad_extract_no_shrink"
)
LENGTH = r"[0-9]{1,9}(\.[0-9]{1,6})?|auto"
WHOLE = r"N?[0-9]{1,5}"
FLAG = "true|false"
# key -> pattern of its value
VALUES = {
    "w": LENGTH,
    "h": LENGTH,
    "ar": r"[0-9]{1,5}(\.[0-9]{1,3})?[-_][0-9]{1,5}(\.[0-9]{1,3})?",
    "c": CROPS,
    "cm": CROP_MODES,
    "fo": r"[a-z_]{1,40}",
    "x": WHOLE,
    "y": WHOLE,
    "xc": WHOLE,
    "yc": WHOLE,
    "q": r"[1-9][0-9]?|100",
    "f": "auto|jpg|jpeg|png|webp|avif|gif|svg|mp4|webm|orig",
    "bl": r"[1-9][0-9]?|100",
    "rt": r"N?[0-9]{1,3}(\.[0-9]{1,3})?|auto",
    "md": FLAG,
    "cp": FLAG,
    "dpr": r"[0-9](\.[0-9]{1,3})?|auto",
    "e": r"[a-z].{0,200}",
    "bg": r"[A-Za-z0-9_.-]{1,60}",
    "r": r"max|[0-9]{1,5}(_[0-9]{1,5}){0,3}",
    "fl": "h|v|h_v",
    "pr": FLAG,
    "orig": FLAG,
}
# ImageKit knows these; the emulator accepts them and does nothing.
IGNORED = frozenset(
    ["b", "t", "o", "lo", "di", "dn", "z", "pg", "so", "eo", "du", "vc", "ac", "sr"]
)


def parse_steps(text: str) -> list[Step]:
    """Read the steps of a transformation; 400 for unknown names, keys and values."""
    if len(text) > MAX_TEXT:
        raise _bad("The transformation is too long")
    steps: list[Step] = []
    for part in text.split(":"):
        if part.strip():
            steps += _read_step(part)
    if len(steps) > MAX_STEPS:
        raise _bad("The transformation has too many steps")
    return steps


def only_named(text: str) -> bool:
    """Return whether a transformation has steps, and all of them are named ones."""
    pairs = [pair.strip() for part in text.split(":") for pair in part.split(",")]
    pairs = [pair for pair in pairs if pair]
    return bool(pairs) and all(pair.startswith("n-") for pair in pairs)


def wants_original(steps: list[Step]) -> bool:
    return any(step.get("orig") == "true" for step in steps)


def last_value(steps: list[Step], key: str) -> str | None:
    """Return the value of an output option in the last step that has it."""
    values = [step[key] for step in steps if key in step]
    return values[-1] if values else None


def _read_step(text: str) -> list[Step]:
    step: dict[str, str] = {}
    for pair in text.split(","):
        key, _, value = pair.strip().partition("-")
        if not key:
            continue
        if key == "n":
            return _named(value)
        if key in IGNORED:
            continue
        if key not in VALUES or not re.fullmatch(VALUES[key], value):
            raise _bad(f"The transformation {pair.strip()[:50]!a} is not supported")
        step[key] = value
    return [step]


def _named(name: str) -> list[Step]:
    if name not in NAMED:
        raise _bad(f"The named transformation {name[:50]!a} does not exist")
    return parse_steps(NAMED[name])


def _bad(text: str) -> DeliveryError:
    return DeliveryError(400, "EINVALID", text)
