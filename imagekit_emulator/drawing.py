"""Steps of a transformation, applied to a picture."""

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from imagekit_emulator.colours import BLACK, parse_colour
from imagekit_emulator.errors import DeliveryError
from imagekit_emulator.geometry import Plan, Size, plan
from imagekit_emulator.media_types import has_alpha
from imagekit_emulator.transformations import Step

MAX_RADIUS_SHARE = 0.5


def plain(image: Image.Image) -> Image.Image:
    """Convert a picture of any mode to RGB, or to RGBA if it has transparency."""
    if has_alpha(image):
        return image.convert("RGBA")
    if image.mode.startswith("I"):
        # 16-bit grey: screens show the upper eight bits.
        image = image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    return image.convert("RGB")


def apply_step(image: Image.Image, step: Step, max_pixels: int) -> Image.Image:
    """Apply a step: resize, cut, pad, then rotate and paint.

    The picture must be RGB or RGBA.
    """
    image = _reshape(image, step, plan(step, image.size), max_pixels)
    if "fl" in step:
        image = ImageOps.mirror(image) if "h" in step["fl"] else image
        image = ImageOps.flip(image) if "v" in step["fl"] else image
    if step.get("rt", "auto") != "auto":
        image = _rotate(image, step, max_pixels)
    if "bl" in step:
        image = image.filter(ImageFilter.GaussianBlur(int(step["bl"]) / 2))
    if step.get("e", "").startswith("grayscale"):
        image = _grey(image)
    if "r" in step:
        image = _round_corners(image, step["r"])
    return _on_background(image, step)


def _reshape(
    image: Image.Image, step: Step, shape: Plan, max_pixels: int
) -> Image.Image:
    for size in (shape.size, shape.canvas):
        _check_size(size, max_pixels)
    picture = image
    if shape.size != image.size or shape.box != (0, 0, *image.size):
        picture = image.resize(
            shape.size, Image.Resampling.LANCZOS, box=shape.box, reducing_gap=2.0
        )
    if shape.canvas == shape.size:
        return picture
    canvas = _canvas(image, step, shape.canvas)
    canvas.paste(picture, shape.offset, picture if picture.mode == "RGBA" else None)
    return canvas


def _canvas(image: Image.Image, step: Step, size: Size) -> Image.Image:
    """Return the background of a padded picture."""
    background = step.get("bg", "")
    if background.startswith("blurred"):
        stretched = ImageOps.fit(image.convert("RGB"), size)
        return stretched.filter(ImageFilter.GaussianBlur(max(size) / 20))
    if background == "dominant":
        average = image.convert("RGB").resize((1, 1))
        return average.resize(size)
    colour = parse_colour(step.get("bg"), BLACK)
    opaque = colour[3] == 255 and image.mode == "RGB"
    return Image.new(
        "RGB" if opaque else "RGBA", size, colour[:3] if opaque else colour
    )


def _rotate(image: Image.Image, step: Step, max_pixels: int) -> Image.Image:
    """Turn clockwise; `N40` turns the other way. Corners are filled with `bg`."""
    text = step["rt"]
    degrees = -float(text[1:]) if text.startswith("N") else float(text)
    if degrees % 90 == 0:
        return image.rotate(-degrees, expand=True)
    # A rotated picture fits into a square whose side is its diagonal.
    diagonal = int((image.width**2 + image.height**2) ** 0.5)
    _check_size((diagonal, diagonal), max_pixels)
    colour = parse_colour(step.get("bg"), (0, 0, 0, 0))
    return image.convert("RGBA").rotate(
        -degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=colour
    )


def _grey(image: Image.Image) -> Image.Image:
    grey = image.convert("LA" if image.mode == "RGBA" else "L")
    return grey.convert(image.mode)


def _round_corners(image: Image.Image, text: str) -> Image.Image:
    """Make the corners transparent, by a radius in pixels, or `max` for an oval."""
    longest = int(min(image.size) * MAX_RADIUS_SHARE)
    mask = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(mask)
    edge = (0, 0, image.width - 1, image.height - 1)
    if text == "max":
        draw.ellipse(edge, fill=255)
    else:
        # Where each corner has a radius of its own, the first is used for all.
        radius = min(int(text.split("_")[0]), longest)
        draw.rounded_rectangle(edge, radius, fill=255)
    rounded = image.convert("RGBA")
    rounded.putalpha(ImageChops.multiply(rounded.getchannel("A"), mask))
    return rounded


def _on_background(image: Image.Image, step: Step) -> Image.Image:
    """Fill transparent parts with the background colour of the step, if any."""
    if image.mode != "RGBA" or "bg" not in step:
        return image
    colour = parse_colour(step["bg"], (0, 0, 0, 0))
    return Image.alpha_composite(Image.new("RGBA", image.size, colour), image)


def _check_size(size: Size, max_pixels: int) -> None:
    if size[0] * size[1] > max_pixels:
        raise DeliveryError(400, "ELIMIT", "The output image is too large")
