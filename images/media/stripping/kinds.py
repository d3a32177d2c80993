"""The kinds of metadata, as the API names them."""

from enum import StrEnum


class Kind(StrEnum):
    """The values of `removed_metadata`; docs/privacy.md explains them."""

    C2PA = "c2pa"
    CAMERA = "camera"
    COMMENT = "comment"
    COPYRIGHT = "copyright"
    GPS = "gps"
    IPTC = "iptc"
    OTHER = "other"
    SOFTWARE = "software"
    THUMBNAIL = "thumbnail"
    TIME = "time"
    TRAILING_DATA = "trailing_data"
    XMP = "xmp"
