"""The facts of an inspected file, the limits of an inspection, and its errors."""

from dataclasses import dataclass

# EXIF 2.32, 4.6.4: the orientations that lie on their side swap width and height.
SIDEWAYS = frozenset({5, 6, 7, 8})

NOT_AN_IMAGE = "The file is not a JPEG, PNG, WebP, GIF, HEIC or AVIF image."


class InvalidImage(ValueError):
    """The file is refused; the message may be shown to the sender."""

    code = "invalid_image"


class TooManyPixels(InvalidImage):
    """The header declares more pixels than allowed."""

    code = "too_many_pixels"


class TooManyFrames(InvalidImage):
    """The animation has more frames than allowed."""


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """Facts about an image, read from its structure."""

    format: str
    """`jpeg`, `png`, `webp`, `gif`, `heic` or `avif`."""
    width: int
    """Pixels as displayed, after the orientation."""
    height: int
    orientation: int
    """EXIF orientation 1 to 8; 1 when it is absent, invalid or of no effect."""
    frames: int
    """1 for a still image."""
    size: int
    """Bytes of the image, without data behind its end."""
    scans: int = 1
    """Passes of a decoder over the pixels; more than 1 in a progressive JPEG."""
    decoded_pixels: int = 0
    """Pixels of all pictures in an AVIF file, uncropped; 0 when unknown."""

    @classmethod
    def of_stored(
        cls,
        image_format: str,
        stored: tuple[int, int],
        *,
        orientation: int = 1,
        frames: int = 1,
        **facts: int,
    ) -> "ImageInfo":
        """Build from the size as stored, which the orientation may turn."""
        width, height = stored[::-1] if orientation in SIDEWAYS else stored
        return cls(image_format, width, height, orientation, frames, **facts)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the file: `kind` as the format names it, from `start` to `end`.

    The segments of a file follow each other without a gap.
    """

    kind: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The most pixels and frames that an image may declare."""

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
