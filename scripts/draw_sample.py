"""Draw the picture for the first upload, docs/examples/sea.jpg.

Its metadata name a place, so that the answer to the upload shows that they are removed.
"""

import math
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw

TARGET = Path(__file__).resolve().parent.parent / "docs" / "examples" / "sea.jpg"
WIDTH, HEIGHT, HORIZON = 960, 640, 250
SKY, HAZE, SEA, DEEP = (120, 150, 176), (214, 219, 222), (96, 134, 146), (24, 62, 84)
# In the North Sea.
LATITUDE, LONGITUDE = (54, 18, 0), (8, 2, 0)


def main() -> None:
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(picture)
    for y in range(HORIZON):
        draw.line((0, y, WIDTH, y), _between(SKY, HAZE, y / HORIZON))
    for y in range(HORIZON, HEIGHT):
        depth = (y - HORIZON) / (HEIGHT - HORIZON)
        draw.line((0, y, WIDTH, y), _between(SEA, DEEP, depth))
    for row in range(14):
        _draw_wave(draw, row / 14)
    picture.save(TARGET, quality=80, optimize=True, exif=_metadata())
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")


def _draw_wave(draw: ImageDraw.ImageDraw, depth: float) -> None:
    """Draw one wave over the whole width; the nearer, the higher and longer."""
    base = HORIZON + 12 + (HEIGHT - HORIZON) * depth**1.5
    height, length = 2 + 9 * depth, 40 + 160 * depth
    points = [
        (x, base - height * math.sin(x / length + depth * 40) ** 2)
        for x in range(0, WIDTH + 8, 8)
    ]
    draw.line(points, _between(HAZE, SEA, depth), width=1 + round(4 * depth))


def _between(
    start: tuple[int, int, int], end: tuple[int, int, int], share: float
) -> tuple[int, ...]:
    return tuple(round(a + (b - a) * share) for a, b in zip(start, end, strict=True))


def _metadata() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "mediabackend"
    exif[ExifTags.Base.DateTime] = "2026:11:29 12:00:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: LATITUDE,
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: LONGITUDE,
        }
    )
    return exif


if __name__ == "__main__":
    main()
