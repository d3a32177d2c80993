"""Plan PNG files without metadata (W3C PNG specification, third edition)."""

import io
import struct
import zlib
from contextlib import suppress

from images.media.formats.info import Segment
from images.media.formats.png import CRITICAL, SIGNATURE, segments
from images.media.formats.reader import Reader
from images.media.stripping.exif import Exif
from images.media.stripping.icc import DATE, PROFILE_ID, private_ranges
from images.media.stripping.plan import Kind, Plan

# These decide how the pixels look, and make the animation. Unknown chunks go.
KEPT = CRITICAL | {
    SIGNATURE,
    *(b"tRNS", b"bKGD", b"pHYs"),
    *(b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"cICP", b"mDCV", b"cLLI"),
    *(b"fcTL", b"fdAT"),
}
TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
KINDS = {b"tIME": Kind.TIME, b"caBX": Kind.C2PA}

# 11.3.3.1: the keywords that are known, of 1 to 79 bytes; and those of ImageMagick.
KEYWORDS = {
    b"Author": Kind.COPYRIGHT,
    b"Copyright": Kind.COPYRIGHT,
    b"Creation Time": Kind.TIME,
    b"Software": Kind.SOFTWARE,
    b"Source": Kind.CAMERA,
    b"XML:com.adobe.xmp": Kind.XMP,
    b"Raw profile type xmp": Kind.XMP,
    b"Raw profile type iptc": Kind.IPTC,
    b"Raw profile type 8bim": Kind.IPTC,
    b"Raw profile type exif": Kind.OTHER,
    b"Raw profile type APP1": Kind.OTHER,
    b"date:create": Kind.TIME,
    b"date:modify": Kind.TIME,
    b"date:timestamp": Kind.TIME,
}
LONGEST_KEYWORD = 79
# ImageMagick writes one of each. Looking into one costs up to a mebibyte.
MAX_RAW_PROFILES = 4
# Profiles of screens have up to 100 KiB; longer ones are tables for printers.
LONGEST_PROFILE = 1024 * 1024
XMP_NAME = b"http://ns.adobe.com/x"


def plan_png(reader: Reader, plan: Plan) -> None:
    """Plan the chunks that stay; behind the header EXIF data and number of frames."""
    exif = Exif()
    loops: bytes | None = None
    frames = 0
    has_profile = False
    raw_profiles = MAX_RAW_PROFILES
    for segment in segments(reader):
        frames += segment.kind == b"fcTL"
        if segment.kind == b"eXIf":
            exif.take(reader, reader.position, segment.end - 4, plan)
        elif segment.kind == b"acTL":
            loops = reader.read(8)[4:]
        elif segment.kind == b"iCCP" and not has_profile:
            # Decoders use the first one only.
            has_profile = True
            _plan_profile(segment, reader, plan)
        elif segment.kind not in KEPT:
            kind = _kind(segment, reader)
            if kind == Kind.OTHER and segment.kind in TEXTS and raw_profiles:
                raw_profiles -= 1
                plan.removed |= _kinds_in_raw_profile(reader, segment)
            else:
                plan.keep_or_remove(segment, kind)
        else:
            plan.keep(segment)
            if segment.kind == b"IHDR":
                plan.mark()
    if segment.kind != b"IEND":
        plan.complete(_chunk(b"IEND", b""))
    tiff = exif.minimal()
    head = _chunk(b"eXIf", tiff) if tiff else b""
    if loops is not None and frames:
        # 11.3.6.1: some programs count the frames wrongly.
        head += _chunk(b"acTL", struct.pack(">I", frames) + loops)
    plan.insert_at_mark(head)


def _plan_profile(segment: Segment, reader: Reader, plan: Plan) -> None:
    """Plan an iCCP chunk (11.3.2.3) without what is private.

    It stays as it is if nothing is, or if it has no profile that can be read.
    """
    name, _, rest = _read(reader, segment).partition(b"\0")
    decoder = zlib.decompressobj()
    profile = bytearray()
    with suppress(zlib.error):
        profile += decoder.decompress(rest[1:], LONGEST_PROFILE)
    ranges = private_ranges(lambda start, end: bytes(profile[start:end]), len(profile))
    private = [one for one in ranges if any(profile[slice(*one)])]
    if not (decoder.eof and private):
        plan.keep(segment)
        return
    for start, end in private:
        profile[start:end] = bytes(end - start)
        if (start, end) not in (DATE, PROFILE_ID):
            plan.removed.add(Kind.OTHER)
    plan.add(_chunk(b"iCCP", name + b"\0\0" + zlib.compress(profile, 9)))


def _kinds_in_raw_profile(reader: Reader, segment: Segment) -> set[Kind]:
    """Return what the EXIF or XMP data tell that ImageMagick writes as text.

    The text is a name, a length, and the data in hexadecimal.
    """
    _, _, text = _read(reader, segment).partition(b"\0")
    try:
        if segment.kind == b"zTXt":
            text = zlib.decompressobj().decompress(text[1:], LONGEST_PROFILE)
        _, _, digits = text.split(None, 2)
        data = bytes.fromhex(digits.decode("ascii"))
    except (zlib.error, ValueError):
        return {Kind.OTHER}
    if data.startswith(XMP_NAME):
        return {Kind.XMP}
    found = Plan(0)
    Exif().take(Reader(io.BytesIO(data)), 0, len(data), found)
    return found.removed


def _read(reader: Reader, segment: Segment) -> bytes:
    """Return the data of a chunk, up to the longest that is looked into."""
    end = min(segment.end - 4, reader.position + LONGEST_PROFILE)
    return b"".join(reader.pieces(reader.position, end))


def _kind(segment: Segment, reader: Reader) -> Kind:
    if segment.kind not in TEXTS:
        return KINDS.get(segment.kind, Kind.OTHER)
    length = segment.end - 4 - reader.position
    keyword = reader.peek(min(length, LONGEST_KEYWORD + 1)).partition(b"\0")[0]
    return KEYWORDS.get(keyword, Kind.COMMENT)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
