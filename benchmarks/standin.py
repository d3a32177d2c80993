"""A stand-in for ImageKit's API that takes uploads and answers at once.

    python -m benchmarks.standin PORT

It stores nothing, so that it adds little to the time of a benchmark. Between runs,
`POST /delay/<milliseconds>` sets its wait before the answer to an upload.
https://imagekit.io/docs/api-reference/upload-file/upload-file
"""

import asyncio
import json
import re
import secrets
import sys
from dataclasses import dataclass
from typing import Any

# Text parts come before the file, within this many bytes.
HEAD_BYTES = 16 * 1024
_BUFFER = 1024 * 1024
_TEXT_PART = re.compile(rb'name="(fileName|folder)"\r\n\r\n([^\r]*)\r\n')


@dataclass
class Delay:
    """Seconds from the end of an upload to its answer."""

    seconds: float = 0.0


_delay = Delay()


async def serve(port: int) -> None:
    server = await asyncio.start_server(_connection, "127.0.0.1", port, limit=_BUFFER)
    async with server:
        await server.serve_forever()


async def _connection(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        while True:
            status, answer = await _answer(reader)
            body = b"" if answer is None else json.dumps(answer).encode()
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            if status != "204 No Content":
                head += f"Content-Length: {len(body)}\r\n"
            writer.write(head.encode() + b"\r\n" + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        # The other side has closed the connection.
        pass
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> tuple[str, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    method, path, _ = head.split(" ", 2)
    found = re.search(r"^content-length: *(\d+)", head, re.IGNORECASE | re.MULTILINE)
    length = int(found[1]) if found else 0
    start = await reader.readexactly(min(length, HEAD_BYTES))
    left = length - len(start)
    while left:
        left -= len(await reader.readexactly(min(left, _BUFFER)))
    if path.startswith("/delay/"):
        _delay.seconds = int(path.removeprefix("/delay/")) / 1000
        return "204 No Content", None
    if method == "DELETE":
        return "204 No Content", None
    if (method, path) != ("POST", "/api/v1/files/upload"):
        return "404 Not Found", {"message": "The stand-in only takes uploads."}
    await asyncio.sleep(_delay.seconds)
    return upload_answer(start, length)


def upload_answer(start: bytes, size: int) -> tuple[str, dict[str, Any]]:
    """Return the status and the answer to an upload, by its first bytes and size."""
    fields = {
        name.decode(): value.decode() for name, value in _TEXT_PART.findall(start)
    }
    if "fileName" not in fields:
        return "400 Bad Request", {"message": "Missing fileName."}
    path = f"/{fields.get('folder', '').strip('/')}/{fields['fileName']}"
    url = f"https://ik.imagekit.io/demo{path}"
    return "200 OK", {
        "fileId": secrets.token_hex(12),
        "name": fields["fileName"],
        "filePath": path,
        "url": url,
        "thumbnailUrl": f"{url}?tr=n-ik_ml_thumbnail",
        "fileType": "image",
        "size": size,
        "width": 640,
        "height": 480,
    }


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
