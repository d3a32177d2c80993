"""The boxes of HEIC and AVIF files that stay; others become `free` boxes."""

from images.media.formats.boxes import Box, Fields, box_at, boxes_in, open_full_box
from images.media.formats.reader import Reader
from images.media.stripping.icc import clean_profile
from images.media.stripping.plan import Kind, Plan

# 23008-12, 6.5, and the specifications of the codecs: properties that decide how a
# picture looks. Others are texts, times, and the like.
PROPERTIES = frozenset(
    [b"ispe", b"pixi", b"pasp", b"colr", b"clap", b"irot", b"imir", b"rloc"]
    + [b"auxC", b"lsel", b"iscl", b"clli", b"mdcv", b"cclv", b"amve", b"ndwt"]
    + [b"av1C", b"a1op", b"a1lx", b"hvcC", b"lhvC", b"tols", b"oinf", b"vvcC"]
)
# The boxes that stay, by the box that holds them.
KEPT: dict[bytes, frozenset[bytes]] = {
    b"": frozenset({b"ftyp", b"meta", b"moov", b"mdat"}),
    b"meta": frozenset(
        [b"hdlr", b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat"]
        + [b"dinf", b"grpl"]
    ),
    b"iprp": frozenset({b"ipco", b"ipma"}),
    b"ipco": PROPERTIES,
    b"moov": frozenset({b"mvhd", b"trak"}),
    b"trak": frozenset({b"tkhd", b"tref", b"edts", b"mdia", b"trgr"}),
    b"mdia": frozenset({b"mdhd", b"hdlr", b"minf", b"elng"}),
    b"minf": frozenset({b"vmhd", b"nmhd", b"dinf", b"stbl"}),
    b"stbl": frozenset(
        [b"stsd", b"stts", b"ctts", b"cslg", b"stsc", b"stsz", b"stz2", b"stco"]
        + [b"co64", b"stss", b"stsh", b"sdtp", b"sbgp", b"sgpd", b"subs"]
    ),
}
# Each of these is there once, and of several the first counts.
SINGLE = frozenset({b"ftyp", b"meta", b"moov", *KEPT[b"meta"]})
PROFILES = (b"prof", b"rICC")
SAMPLE_ENTRY_LENGTH = 78
HEADERS = frozenset({b"mvhd", b"tkhd", b"mdhd"})

# The first 16 bytes of a `uuid` box tell whose it is: C2PA 2.1, A.5; XMP, part 3.
C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
UUIDS = {C2PA_UUID: Kind.C2PA, XMP_UUID: Kind.XMP}
KINDS = {
    b"jumb": Kind.C2PA,
    b"mpvd": Kind.TRAILING_DATA,
    b"xml ": Kind.XMP,
    b"crtt": Kind.TIME,
    b"mdft": Kind.TIME,
    b"udes": Kind.COMMENT,
    b"altt": Kind.COMMENT,
}


class BoxCleaner:
    """Overwrites the boxes of a file that do not stay."""

    def __init__(self, reader: Reader, plan: Plan) -> None:
        self._reader = reader
        self._plan = plan
        self.metas: list[Box] = []
        """The `meta` boxes of tracks, which are overwritten: their items go, too."""

    def clean(self, boxes: list[Box], container: bytes = b"") -> None:
        """Go through the boxes of a container; by default, those of the file."""
        seen: set[bytes] = set()
        for box in boxes:
            kind = box.kind
            if kind not in KEPT[container] or (kind in SINGLE and kind in seen):
                self._free(container, box)
                continue
            seen.add(kind)
            if kind in HEADERS:
                self._erase_times(box)
            elif kind == b"hdlr":
                self._erase_name(box, box.body + 24)
            elif kind == b"iinf":
                self._erase_names_of_items(box)
            elif kind == b"colr":
                self._clean_profile(box)
            elif kind == b"stsd":
                self._clean_sample_entry(box)
            elif kind in KEPT:
                # 14496-12, 8.11.1: `meta` is a full box.
                start = box.body + 4 if kind == b"meta" else box.body
                self.clean(list(boxes_in(self._reader, start, box.end)), kind)

    def _free(self, container: bytes, box: Box) -> None:
        """Turn a box into a `free` box of as many zeros."""
        kind = self._kind(box)
        if kind == Kind.C2PA and self._plan.keeps(kind):
            return
        if box.kind == b"meta" and container in (b"moov", b"trak"):
            self.metas.append(box)
        self._plan.erase(self._reader, box.start + 4, box.start + 8, None, b"free")
        self._plan.erase(self._reader, box.body, box.end, kind)

    def _kind(self, box: Box) -> Kind:
        if box.kind != b"uuid":
            return KINDS.get(box.kind, Kind.OTHER)
        owner = self._reader.read_at(box.body, min(16, box.end - box.body))
        return UUIDS.get(owner, Kind.OTHER)

    def _erase_times(self, box: Box) -> None:
        """Overwrite when a track was made and changed (14496-12, 8.2.2, 8.3.2)."""
        _, version, _ = open_full_box(self._reader, box)
        start = box.body + 4
        end = min(start + (16 if version else 8), box.end)
        self._plan.erase(self._reader, start, end, Kind.TIME)

    def _clean_profile(self, box: Box) -> None:
        """Clean a colour profile (14496-12, 12.1.5)."""
        if self._reader.read_at(box.body, min(4, box.end - box.body)) in PROFILES:
            clean_profile(self._reader, self._plan, [(box.body + 4, box.end)])

    def _clean_sample_entry(self, box: Box) -> None:
        """Clean the colour profile of a track (14496-12, 12.1.3)."""
        entry = box_at(self._reader, box.body + 8, box.end)
        start = entry.body + SAMPLE_ENTRY_LENGTH if entry else box.end
        while start < box.end and (inner := box_at(self._reader, start, box.end)):
            if inner.kind == b"colr" and inner.end <= box.end:
                self._clean_profile(inner)
            start = inner.end

    def _erase_names_of_items(self, box: Box) -> None:
        """Overwrite the names of items (14496-12, 8.11.6)."""
        fields, version, _ = open_full_box(self._reader, box)
        fields.number(4 if version else 2)
        for entry in boxes_in(self._reader, fields.position, box.end):
            _, version, _ = open_full_box(self._reader, entry)
            self._erase_name(entry, entry.body + (12 if version == 2 else 14))

    def _erase_name(self, box: Box, start: int) -> None:
        """Overwrite a name with spaces. It is not told: programs name all parts."""
        if start < box.end:
            length = len(Fields(self._reader, start, box.end).text())
            self._plan.erase(self._reader, start, start + length, None, fill=b" ")
