"""Good files that are cut off, once in each of their parts."""

from images.tests.media.formats.samples import good_files

# Where the parts of the good files begin, to cut within each of them: after how
# many bytes from the beginning of a marker.
CUTS = {
    "jpeg-everything": {
        "in-the-metadata-length": (b"\xff\xe1", 3),
        "in-the-metadata": (b"Exif\0\0", 30),
        "in-the-comment": (b"\xff\xfe", 6),
        "in-the-header": (b"\xff\xc2", 7),
        "in-a-table": (b"\xff\xc4", 12),
        "in-the-scan-header": (b"\xff\xda", 5),
        "in-the-pixels": (b"\xff\xda", 20),
    },
    "png-exif": {
        "in-the-header": (b"IHDR", 9),
        "in-the-metadata-length": (b"eXIf", -2),
        "in-the-metadata": (b"eXIf", 30),
        "in-the-pixels": (b"IDAT", 25),
        "in-the-last-checksum": (b"IEND", 6),
    },
    "png-animated": {
        "in-a-frame-header": (b"fcTL", 12),
        "in-a-later-frame": (b"fdAT", 12),
    },
    "gif-comment": {
        "in-the-header": (b"GIF8", 9),
        "in-the-colour-table": (b"GIF8", 50),
        "in-the-comment": (b"!\xfe", 90),
        "in-the-frame-header": (b",\0\0\0\0", 6),
        "in-the-pixels": (b",\0\0\0\0", 20),
    },
    "gif-animated": {"in-a-later-frame": (b"!\xf9", 70)},
    "webp-lossy": {
        "in-the-header": (b"RIFF", 6),
        "in-the-chunk-length": (b"VP8 ", 6),
        "in-the-pixels": (b"VP8 ", 40),
    },
    "webp-lossless": {"in-the-pixels": (b"VP8L", 20)},
    "webp-extras": {
        "in-the-canvas": (b"VP8X", 13),
        "in-the-profile": (b"ICCP", 60),
        "in-the-metadata": (b"EXIF", 20),
    },
    "webp-animated": {
        "in-a-frame-header": (b"ANMF", 14),
        "in-the-pixels": (b"ANMF", 50),
    },
}


def truncated_files() -> dict[str, bytes]:
    files = {}
    for sample, cuts in CUTS.items():
        content = good_files()[sample]
        places = {
            place: content.index(part) + count for place, (part, count) in cuts.items()
        }
        places["in-half"] = len(content) // 2
        if not sample.startswith("gif"):
            # A GIF file without its last byte is whole but for the trailer.
            places["at-the-last-byte"] = len(content) - 1
        for place, end in places.items():
            files[f"{sample}-truncated-{place}"] = content[:end]
    return files
