"""Pictures in the sizes of photographs, each of them unique."""

import secrets
from io import BytesIO

from PIL import Image

# A quantization table (ITU T.81, B.2.4.1) has a marker, length, precision, 64 values.
_TABLE = b"\xff\xdb"
_LAST_VALUE = len(_TABLE) + 2 + 1 + 63
_BOUNDARY = "benchmark"


def photo(width: int, height: int, size: int) -> bytes:
    """Return a JPEG of about `size` bytes: soft noise, as in a photograph."""
    noise = Image.effect_noise((width // 4, height // 4), 80).resize((width, height))
    low, high, content = 1, 95, b""
    while low <= high:
        quality = (low + high) // 2
        out = BytesIO()
        noise.convert("RGB").save(out, "jpeg", quality=quality)
        content = out.getvalue()
        if abs(len(content) - size) < size * 0.05:
            break
        low, high = (quality + 1, high) if len(content) < size else (low, quality - 1)
    return content


class UploadBody:
    """The multipart body of an upload."""

    content_type = f"multipart/form-data; boundary={_BOUNDARY}"

    def __init__(self, picture: bytes, caption: str = "At the sea") -> None:
        head = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="caption"\r\n\r\n'
            f"{caption}\r\n--{_BOUNDARY}\r\nContent-Disposition: form-data; "
            f'name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        ).encode()
        tail = f"\r\n--{_BOUNDARY}--\r\n".encode()
        self._content = head + picture + tail
        self._place = len(head) + picture.index(_TABLE) + _LAST_VALUE

    def __len__(self) -> int:
        return len(self._content)

    def fresh(self) -> bytes:
        """Return the body with a picture that was never sent before.

        It has other values at the end of the table, which change only fine details.
        """
        body = bytearray(self._content)
        values = bytes(secrets.randbelow(255) + 1 for _ in range(4))
        body[self._place - 3 : self._place + 1] = values
        return bytes(body)
