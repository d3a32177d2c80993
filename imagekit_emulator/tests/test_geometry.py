"""The sizes of transformed pictures, by the examples of ImageKit's documentation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagekit_emulator.errors import DeliveryError
from imagekit_emulator.geometry import plan
from imagekit_emulator.transformations import parse_steps

SOURCE = (640, 865)


def canvas(text, source=SOURCE):
    (step,) = parse_steps(text)
    return plan(step, source).canvas


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("w-300,h-200,c-at_max", (148, 200)),
        ("w-300,h-200,c-at_least", (300, 405)),
        ("w-850,h-1000,c-at_max_enlarge", (740, 1000)),
        ("w-300,h-200", (300, 200)),
        ("w-300,h-200,c-force", (300, 200)),
        ("w-300,h-200,cm-pad_resize", (300, 200)),
        ("w-850,h-1000,c-at_max", SOURCE),
        ("w-320", (320, 433)),
        ("h-865", SOURCE),
        ("w-0.5", (320, 433)),
        ("w-1", SOURCE),
        ("w-0", SOURCE),
        ("w-1280", (1280, 1730)),
        ("w-1280,c-at_max", SOURCE),
        ("w-400,ar-4-3", (400, 300)),
        ("h-300,ar-4_3", (400, 300)),
        ("w-100,h-100,ar-4-3", (100, 100)),
        ("w-100,dpr-2", (200, 270)),
        ("w-4000,dpr-2", (4000, 5406)),
        ("w-100,dpr-auto", (100, 135)),
        ("w-200,h-100,cm-extract", (200, 100)),
        ("w-900,h-100,cm-extract", (640, 100)),
        ("w-900,h-100,cm-pad_extract", (900, 100)),
        ("w-900,h-900,cm-pad_resize_no_enlarge", (900, 900)),
        ("w-1280,h-1730,c-maintain_ratio_no_enlarge", SOURCE),
        ("w-65536", SOURCE),
        ("rt-90", SOURCE),
    ],
)
def test_plan__size(text, size):
    assert canvas(text) == size


def test_plan__focus_of_a_crop():
    boxes = {}
    for focus in ("left", "center", "right"):
        (step,) = parse_steps(f"w-100,h-100,fo-{focus}")
        boxes[focus] = plan(step, (200, 100)).box

    assert boxes["left"] == (0, 0, 100, 100)
    assert boxes["center"] == (50, 0, 150, 100)
    assert boxes["right"] == (100, 0, 200, 100)


def test_plan__focus_of_padding():
    (step,) = parse_steps("w-300,h-100,cm-pad_resize,fo-left")

    assert plan(step, (100, 100)).offset == (0, 0)


def test_plan__extract_at_a_corner_and_around_a_centre():
    (corner,) = parse_steps("w-10,h-10,cm-extract,x-5,y-6")
    (centre,) = parse_steps("w-10,h-10,cm-extract,xc-50,yc-50")

    assert plan(corner, (100, 100)).box == (5, 6, 15, 16)
    assert plan(centre, (100, 100)).box == (45, 45, 55, 55)


@pytest.mark.parametrize("text", ["x-95", "x-N1", "xc-1", "yc-99"])
def test_plan__extract_that_leaves_the_image(text):
    (step,) = parse_steps(f"w-10,h-10,cm-extract,{text}")

    with pytest.raises(DeliveryError):
        plan(step, (100, 100))


SIDES = st.integers(1, 5000)
MODES = st.sampled_from(
    ["c-force", "c-at_max", "c-at_least", "c-maintain_ratio", "cm-extract"]
)


@given(SIDES, SIDES, SIDES, SIDES, MODES)
def test_plan__box_lies_in_the_source(width, height, target_w, target_h, mode):
    (step,) = parse_steps(f"w-{target_w},h-{target_h},{mode}")

    shape = plan(step, (width, height))

    left, top, right, bottom = shape.box
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert min(*shape.size, *shape.canvas) >= 1
