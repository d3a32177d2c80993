"""The size of the frames of an AV1 bitstream (AV1 specification, 5.5)."""

from collections.abc import Callable

SEQUENCE_HEADER = 1
# The header comes first, or behind a delimiter and a few others.
MAX_OBUS = 8
# Enough for an OBU header, or for a sequence header up to the size.
LOOK_AHEAD = 512


class _Bits:
    """The bits of a header, from the highest one of the first byte."""

    def __init__(self, data: bytes) -> None:
        self._number = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def read(self, count: int) -> int:
        if count > self._left:
            raise ValueError("The header is too short.")
        self._left -= count
        return self._number >> self._left & ((1 << count) - 1)

    def read_uvlc(self) -> int:
        """Read a number of variable length (4.10.3)."""
        zeros = 0
        while not self.read(1):
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros)


def coded_size(read: Callable[[int, int], bytes]) -> tuple[int, int] | None:
    """Return the size that the sequence header gives, or None without a header.

    `read` returns up to so many bytes of the bitstream from a position: a number of
    bytes first, then the position.
    """
    position = 0
    for _ in range(MAX_OBUS):
        head = read(LOOK_AHEAD, position)
        if not head:
            return None
        start, length = 1 + (head[0] >> 2 & 1), -1
        if head[0] & 2:
            start, length = _leb128(head, start)
        if head[0] >> 3 & 15 == SEQUENCE_HEADER:
            return _size(_Bits(head[start:]))
        if length < 0:
            return None
        position += start + length
    return None


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """Return where the number at a position ends, and the number (4.10.5)."""
    value = 0
    for index, byte in enumerate(data[at : at + 8]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return at + index + 1, value
    return len(data), 0


def _size(bits: _Bits) -> tuple[int, int] | None:
    """Read a sequence header (5.5.1) as far as the size."""
    try:
        bits.read(3 + 1)
        if bits.read(1):
            bits.read(5)
        else:
            _skip_operating_points(bits)
        width, height = bits.read(4) + 1, bits.read(4) + 1
        return bits.read(width) + 1, bits.read(height) + 1
    except ValueError:
        return None


def _skip_operating_points(bits: _Bits) -> None:
    delay_length = 0
    has_decoder_model = False
    if bits.read(1):
        bits.read(32 + 32)
        if bits.read(1):
            bits.read_uvlc()
        has_decoder_model = bool(bits.read(1))
        if has_decoder_model:
            delay_length = bits.read(5) + 1
            bits.read(32 + 5 + 5)
    has_initial_delay = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:
            bits.read(1)
        if has_decoder_model and bits.read(1):
            bits.read(2 * delay_length + 1)
        if has_initial_delay and bits.read(1):
            bits.read(4)
