"""A client that sends requests which HTTP libraries refuse to send."""

import select
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

CHUNK = bytes(64 * 1024)
_SECONDS = 30


@dataclass(frozen=True)
class RawAnswer:
    status: int
    text: str
    sent: int


def socket_buffers() -> int:
    """Return how many bytes the two ends of a connection can buffer."""
    folder = Path("/proc/sys/net/ipv4")
    if not folder.is_dir():
        return 16 * 1024 * 1024
    files = (folder / "tcp_rmem", folder / "tcp_wmem")
    return sum(int(file.read_text().split()[2]) for file in files)


def send_endlessly(url: str, headers: dict[str, str], start: bytes) -> RawAnswer:
    """POST a body that never ends, until the server answers or hangs up.

    `sent` counts the bytes that the operating system took. Those in the socket buffers
    are among them, though the server never read them; see `socket_buffers`.
    """
    parts = urlsplit(url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, "", ""]).encode()
    sent, received, rest = -len(head), bytearray(), head + start
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        connection.setblocking(False)
        while True:
            can_read, can_write, _ = select.select(
                [connection], [connection], [], _SECONDS
            )
            if not can_read and not can_write:
                raise TimeoutError(f"No answer, and no byte taken in {_SECONDS} s.")
            try:
                if can_read:
                    part = connection.recv(64 * 1024)
                    received += part
                    if not part:
                        break
                elif can_write:
                    count = connection.send(rest or CHUNK)
                    sent, rest = sent + count, rest[count:]
            except (BrokenPipeError, ConnectionResetError):
                received += _drain(connection)
                break
    status = int(received.split(b" ", 2)[1]) if received else 0
    return RawAnswer(status, received.decode(errors="replace"), sent)


def _drain(connection: socket.socket) -> bytes:
    """Return the bytes that arrived before the server hung up."""
    try:
        return connection.recv(64 * 1024)
    except OSError:
        return b""
