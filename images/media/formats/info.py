"""The facts of an inspected file, the limits of an inspection, and its errors."""

from dataclasses import dataclass

# EXIF 2.32, 4.6.4: the orientations that lie on their side swap width and height.
SIDEWAYS = frozenset({5, 6, 7, 8})


class InvalidImage(ValueError):
    """The file is refused; the message may be shown to whoever sent it."""

    code = "invalid_image"


class TooManyPixels(InvalidImage):
    """The header declares more pixels than allowed."""

    code = "too_many_pixels"


class TooManyFrames(InvalidImage):
    """The animation has more frames than allowed."""


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """The facts of an image that its structure tells."""

    format: str
    """`jpeg`, `png`, `webp` or `gif`."""
    width: int
    """Pixels as displayed, after the EXIF orientation."""
    height: int
    orientation: int
    """EXIF orientation 1 to 8; 1 when absent or invalid."""
    frames: int
    """1 for a still image."""
    size: int
    """Bytes of the image proper; what follows its end is not counted."""
    scans: int = 1
    """How often a decoder goes over the pixels; more than 1 in a progressive JPEG."""

    @classmethod
    def of_stored(
        cls,
        image_format: str,
        stored: tuple[int, int],
        *,
        orientation: int = 1,
        frames: int = 1,
        size: int,
        scans: int = 1,
    ) -> "ImageInfo":
        """Build from the size as stored, which the orientation may turn."""
        width, height = stored[::-1] if orientation in SIDEWAYS else stored
        return cls(image_format, width, height, orientation, frames, size, scans)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the file: `kind` as the format names it, from `start` to `end`.

    The segments of a file follow each other without gap, so that whoever copies
    all of them has copied the image.
    """

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an image may declare."""

    max_pixels: int
    max_frames: int

    def check_size(self, width: int, height: int) -> None:
        if not width or not height:
            raise InvalidImage("The image has no width or no height.")
        if width * height > self.max_pixels:
            raise TooManyPixels(
                f"The image has {width} x {height} pixels; "
                f"at most {self.max_pixels} pixels are allowed."
            )

    def check_frames(self, frames: int) -> None:
        if frames > self.max_frames:
            raise TooManyFrames(
                f"The animation has more than {self.max_frames} frames."
            )
