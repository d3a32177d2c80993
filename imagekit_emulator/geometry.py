"""The sizes and boxes of a step of a transformation."""

from dataclasses import dataclass

from imagekit_emulator.errors import DeliveryError
from imagekit_emulator.transformations import Step

MAX_SIDE = 65_535
MAX_DPR_SIDE = 5000
FOCUS_X = {"left": 0.0, "right": 1.0}
FOCUS_Y = {"top": 0.0, "bottom": 1.0}

Size = tuple[int, int]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Plan:
    """Cut `box` from the picture, scale it to `size`, put it on `canvas` at `offset`.

    Without padding, `canvas` and `size` are equal.
    """

    box: Box
    size: Size
    canvas: Size
    offset: Size = (0, 0)


def plan(step: Step, source: Size) -> Plan:
    """Return the plan of a step for a picture of `source` pixels."""
    whole: Box = (0, 0, *source)
    wanted = target_size(step, source)
    if wanted is None:
        return Plan(whole, source, source)
    width, height = wanted
    mode = step.get("cm") or step.get("c", "maintain_ratio")
    if "cm" not in step and (width is None or height is None):
        size = _one_side(width, height, source)
        if mode in {"at_max", "at_max_no_enlarge", "maintain_ratio_no_enlarge"}:
            size = source if size[0] > source[0] else size
        return Plan(whole, size, size)
    full = (width or source[0], height or source[1])
    if mode in {"extract", "pad_extract", "pad_extract_no_shrink"}:
        return _extract(step, source, full, pad=mode != "extract")
    if mode.startswith("pad_resize"):
        size = _fit(source, full, enlarge=mode == "pad_resize")
        return Plan(whole, size, full, _offset(step, full, size))
    if mode.startswith("maintain_ratio"):
        return _cover_and_crop(step, source, full, enlarge=mode == "maintain_ratio")
    size = _scaled(mode, source, full)
    return Plan(whole, size, size)


def focus(step: Step) -> tuple[float, float]:
    """Return the point to keep, as fractions; for faces and objects the centre."""
    words = step.get("fo", "center").split("_")
    x = next((FOCUS_X[word] for word in words if word in FOCUS_X), 0.5)
    y = next((FOCUS_Y[word] for word in words if word in FOCUS_Y), 0.5)
    return x, y


def target_size(step: Step, source: Size) -> tuple[int | None, int | None] | None:
    """Return the width and height in pixels that a step asks for, if any."""
    width = _length(step.get("w"), source[0])
    height = _length(step.get("h"), source[1])
    if width is None and height is None:
        return None
    if "ar" in step and (width is None or height is None):
        across, up = (float(n) for n in step["ar"].replace("_", "-").split("-"))
        if not across or not up:
            raise DeliveryError(400, "EINVALID", "The aspect ratio is invalid")
        if width is None and height is not None:
            width = height * across / up
        elif width is not None:
            height = width * up / across
    ratio = _dpr(step, width, height)
    return (
        None if width is None else _pixels(width * ratio),
        None if height is None else _pixels(height * ratio),
    )


def _length(text: str | None, source: int) -> float | None:
    """Read a side: a number above 1 is pixels, up to 1 a share of the source."""
    if text is None or text == "auto":
        return None
    value = float(text)
    if value <= 0 or value > MAX_SIDE:
        return None
    return value if value > 1 else value * source


def _dpr(step: Step, width: float | None, height: float | None) -> float:
    text = step.get("dpr", "1")
    ratio = 1.0 if text == "auto" else float(text)
    if not 0.1 <= ratio <= 5:
        return 1.0
    sides = [side * ratio for side in (width, height) if side is not None]
    return ratio if all(1 <= side <= MAX_DPR_SIDE for side in sides) else 1.0


def _pixels(value: float) -> int:
    """Round to the nearest whole pixel, at least one."""
    return max(1, int(value + 0.5))


def _one_side(width: int | None, height: int | None, source: Size) -> Size:
    if width is not None:
        return width, _pixels(source[1] * width / source[0])
    return _pixels(source[0] * (height or 1) / source[1]), height or 1


def _fit(source: Size, full: Size, *, enlarge: bool) -> Size:
    scale = min(full[0] / source[0], full[1] / source[1])
    if scale > 1 and not enlarge:
        return source
    return _pixels(source[0] * scale), _pixels(source[1] * scale)


def _scaled(mode: str, source: Size, full: Size) -> Size:
    """Return the size in the modes that keep the whole picture, without padding."""
    if mode == "force":
        return full
    if mode == "at_least":
        scale = max(full[0] / source[0], full[1] / source[1])
        return _pixels(source[0] * scale), _pixels(source[1] * scale)
    return _fit(source, full, enlarge=mode == "at_max_enlarge")


def _cover_and_crop(step: Step, source: Size, full: Size, *, enlarge: bool) -> Plan:
    # Cutting before scaling gives the same result without a huge picture in between.
    scale = max(full[0] / source[0], full[1] / source[1])
    cut = (full[0] / scale, full[1] / scale)
    left, top = ((s - c) * f for s, c, f in zip(source, cut, focus(step), strict=True))
    size = full if enlarge or scale <= 1 else (_pixels(cut[0]), _pixels(cut[1]))
    box = (
        max(0.0, left),
        max(0.0, top),
        min(float(source[0]), left + cut[0]),
        min(float(source[1]), top + cut[1]),
    )
    return Plan(box, size, size)


def _extract(step: Step, source: Size, full: Size, *, pad: bool) -> Plan:
    size = (min(full[0], source[0]), min(full[1], source[1]))
    at = focus(step)
    corner = [_pixels_from(at[i], source[i] - size[i]) for i in (0, 1)]
    for i, (edge, centre) in enumerate((("x", "xc"), ("y", "yc"))):
        if edge in step:
            corner[i] = _signed(step[edge])
        elif centre in step:
            corner[i] = _signed(step[centre]) - size[i] // 2
    left, top = corner
    box = (left, top, left + size[0], top + size[1])
    if left < 0 or top < 0 or box[2] > source[0] or box[3] > source[1]:
        raise DeliveryError(400, "EINVALID", "The extracted area leaves the image")
    canvas = full if pad else size
    return Plan(box, size, canvas, _offset(step, canvas, size))


def _offset(step: Step, canvas: Size, size: Size) -> Size:
    x, y = focus(step)
    return (
        _pixels_from(x, canvas[0] - size[0]),
        _pixels_from(y, canvas[1] - size[1]),
    )


def _pixels_from(share: float, room: int) -> int:
    return int(share * room)


def _signed(text: str) -> int:
    """Read a whole number, in which N is the minus sign."""
    return int(text.replace("N", "-"))
